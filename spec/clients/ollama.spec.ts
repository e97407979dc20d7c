import { Ollama } from 'ollama'
import { describe, expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { collect } from '../support/client.ts'
import { describeProcesses } from '../support/describe-client.ts'
import { startNetwork } from '../support/start-network.ts'
import { startProvider } from '../support/start-provider.ts'
import { ollama } from './ollama.ts'

describe.for(Object.entries(ollama.calls))('%s', ([, call]) => {
  test('is answered from memory the second time, at a named host', async () => {
    const network = startNetwork()
    const cache = installCache({ hosts: ['http://gpu.example:11434'] })
    const first = await call({ apiKey: '' })
    expect(await call({ apiKey: '' })).toEqual(first)
    expect(network.calls).toHaveLength(1)
    expect(cache.stats()).toMatchObject({ misses: 1, hits: 1, stores: 1, bypasses: {}, refusals: {} })
  })

  test('is answered from memory the second time, over a socket', async () => {
    const { calls, origin } = await startProvider()
    installCache({ hosts: [origin] })
    const first = await call({ apiKey: '', origin })
    expect(await call({ apiKey: '', origin })).toEqual(first)
    expect(calls).toHaveLength(1)
  })
})

describeProcesses(ollama)

test('a stream is a hit while the server still holds the socket of the first', async () => {
  const provider = await startProvider()
  const released = Promise.withResolvers<void>()
  provider.script({ hold: released.promise })
  installCache({ hosts: [provider.origin] })
  const client = new Ollama({ host: provider.origin })
  const messages = [{ role: 'user', content: 'Say something.' }]
  const ask = async (): Promise<unknown> => collect(await client.chat({ model: 'llama4', messages, stream: true }))
  expect(await ask()).toEqual(await ask())
  expect(provider.calls).toHaveLength(1)
  released.resolve()
})
