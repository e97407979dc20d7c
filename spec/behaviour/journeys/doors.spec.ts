import { describe, expect, onTestFinished, test } from 'vitest'
import { installCache, openCache } from '../../support/cache.ts'
import { builtInFetch, undiciDoors, type Door, type DoorCall } from '../../support/doors.ts'
import type { Provider } from '../../support/provider.ts'
import { startProvider } from '../../support/start-provider.ts'

const messages = [{ role: 'user', content: 'Grüße, 世界' }]
const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
const path = '/v1/chat/completions'

test.for([false, true])('built-in fetch gets the second answer from memory, stream: %s', async (stream) => {
  const provider = await startProvider()
  installCache({ hosts: [provider.origin] })
  await expectSecondFromMemory(builtInFetch, provider, { body: JSON.stringify({ messages, stream }), headers })
})

describe.for(undiciDoors)('$1.name', ([undici, door]) => {
  test.for([false, true])('gets the second answer from memory, stream: %s', async (stream) => {
    const provider = await startProvider()
    const cache = openCache({ hosts: [provider.origin] })
    const dispatcher = new undici.Agent().compose(cache.interceptor)
    onTestFinished(() => dispatcher.close())
    await expectSecondFromMemory(door, provider, { body: JSON.stringify({ messages, stream }), headers, dispatcher })
  })

  test('gets what is no LLM call as the server sent it', async () => {
    const provider = await startProvider()
    const cache = openCache({ hosts: [provider.origin] })
    const dispatcher = new undici.Agent().compose(cache.interceptor)
    onTestFinished(() => dispatcher.close())
    const answer = await door.call(`${provider.origin}/v1/files`, { body: '{}', headers, dispatcher })
    expect(answer.status).toBe(404)
    expect(answer.headers).not.toHaveProperty('x-llm-cache')
  })
})

async function expectSecondFromMemory(door: Door, provider: Provider, init: DoorCall): Promise<void> {
  const first = await door.call(provider.origin + path, init)
  const second = await door.call(provider.origin + path, init)
  expect(provider.calls).toHaveLength(1)
  expect(provider.calls[0]?.body.toString()).toBe(init.body)
  expect(second.status).toBe(200)
  expect(second.body.equals(first.body)).toBe(true)
  expect(second.headers['content-type']).toBe(first.headers['content-type'])
  expect([first.headers['x-llm-cache'], second.headers['x-llm-cache']]).toEqual(['MISS', 'HIT'])
  const other = { ...init, headers: { ...init.headers, authorization: 'Bearer sk-two' } }
  expect((await door.call(provider.origin + path, other)).headers['x-llm-cache']).toBe('MISS')
  expect(provider.calls).toHaveLength(2)
}
