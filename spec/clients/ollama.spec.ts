import { Ollama } from 'ollama'
import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { collect } from '../support/client.ts'
import { startNetwork } from '../support/start-network.ts'
import { startProvider } from '../support/start-provider.ts'

const model = 'llama4'
const messages = [{ role: 'user', content: 'Say something.' }]
const calls: Readonly<Record<string, (client: Ollama) => Promise<unknown>>> = {
  chat: (client) => client.chat({ model, messages }),
  'chat with stream': async (client) => collect(await client.chat({ model, messages, stream: true })),
  generate: (client) => client.generate({ model, prompt: 'Once' }),
  'generate with stream': async (client) => collect(await client.generate({ model, prompt: 'Once', stream: true })),
  embed: (client) => client.embed({ model, input: ['a text', 'another'] }),
}

test.for(Object.entries(calls))('%s is answered from memory the second time, at a named host', async ([, call]) => {
  const network = startNetwork()
  const host = 'http://gpu.example:11434'
  const cache = installCache({ hosts: [host] })
  const first = await call(new Ollama({ host }))
  expect(await call(new Ollama({ host }))).toEqual(first)
  expect(network.calls).toHaveLength(1)
  expect(cache.stats()).toMatchObject({ misses: 1, hits: 1, stores: 1, bypasses: {}, refusals: {} })
})

test.for(Object.entries(calls))('%s is answered from memory the second time, over a socket', async ([, call]) => {
  const { calls: made, origin } = await startProvider()
  installCache({ hosts: [origin] })
  const first = await call(new Ollama({ host: origin }))
  expect(await call(new Ollama({ host: origin }))).toEqual(first)
  expect(made).toHaveLength(1)
})

test('a stream is a hit while the server still holds the socket of the first', async () => {
  const provider = await startProvider()
  const released = Promise.withResolvers<void>()
  provider.script({ hold: released.promise })
  installCache({ hosts: [provider.origin] })
  const client = new Ollama({ host: provider.origin })
  const ask = async (): Promise<unknown> => collect(await client.chat({ model, messages, stream: true }))
  expect(await ask()).toEqual(await ask())
  expect(provider.calls).toHaveLength(1)
  released.resolve()
})
