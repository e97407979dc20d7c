import { expect, test } from 'vitest'
import { startNetwork } from './start-network.ts'
import { answerText } from './shapes/shape.ts'
import { startProvider } from './start-provider.ts'

const messages = [{ role: 'user', content: 'hello' }]

function post(url: string, body: object): Promise<Response> {
  return fetch(url, { method: 'POST', body: JSON.stringify(body) })
}

test('the provider answers with words made of the prompt', async () => {
  const provider = await startProvider()
  const response = await post(`${provider.origin}/v1/chat/completions`, { messages })
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: answerText(messages) } }] })
  expect(provider.calls).toHaveLength(1)
})

test('the provider streams an event to a chunk and can be cut, reset and made to fail', async () => {
  const provider = await startProvider()
  const ask = (): Promise<Response> => post(`${provider.origin}/v1/chat/completions`, { messages, stream: true })
  provider.script({}, { cut: { after: 3, how: 'end' } }, { cut: { after: 3, how: 'reset' } }, { failAfter: 2 })
  const whole = await (await ask()).text()
  expect(whole).toMatch(/data: \[DONE\]\n\n$/)
  const cut = await (await ask()).text()
  expect(cut.split('\n\n')).toHaveLength(4)
  await expect((await ask()).text()).rejects.toThrow('terminated')
  expect(await (await ask()).text()).toContain('"error"')
})

test.for(['gzip', 'deflate', 'br'] as const)('the provider codes its answer in %s, event by event', async (coding) => {
  const provider = await startProvider()
  const release = Promise.withResolvers<void>()
  provider.script({ coding, gate: { after: 2, until: release.promise } })
  const response = await post(`${provider.origin}/v1/messages`, { messages, stream: true })
  const reader = response.body?.getReader()
  const first = await reader?.read()
  expect(Buffer.from(first?.value ?? []).toString()).toContain('message_start')
  release.resolve()
  let last = Buffer.alloc(0)
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
    last = Buffer.from(part.value)
  expect(last.toString()).toContain('message_stop')
})

test('a truncated answer and a call that breaks off are seen as such', async () => {
  const provider = await startProvider()
  provider.script({ contentLength: 100_000 }, { hold: 60_000 })
  await expect((await post(`${provider.origin}/v1/embeddings`, { input: 'a' })).text()).rejects.toThrow('terminated')
  const controller = new AbortController()
  const response = await fetch(`${provider.origin}/v1/responses`, {
    method: 'POST',
    body: JSON.stringify({ input: 'a', stream: true }),
    signal: controller.signal,
  })
  await response.body?.getReader().read()
  controller.abort()
  expect(await provider.calls[1]?.over).toBe(false)
})

test('the network answers for the real hosts', async () => {
  const network = startNetwork()
  const response = await post('https://api.openai.com/v1/chat/completions', { messages, stream: true })
  expect(await response.text()).toMatch(/data: \[DONE\]\n\n$/)
  const gemini = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-3:streamGenerateContent'
  expect(JSON.parse(await (await post(gemini, { contents: [] })).text())).toHaveLength(8)
  expect(network.calls.map((call) => call.url.host)).toEqual(['api.openai.com', 'generativelanguage.googleapis.com'])
})
