import { describe, expect, test } from 'vitest'
import type { ProviderRow } from '../../lib/index.ts'
import { installCache } from './cache.ts'
import { startNetwork } from './start-network.ts'
import { startProvider } from './start-provider.ts'

/** How a client is made; without `origin` it calls its provider's real host. */
export interface ClientOptions {
  readonly apiKey: string
  readonly origin?: string
}

/** One SDK, and the calls that its users make. */
export interface ClientUnderTest<Client> {
  create(options: ClientOptions): Client
  /** Each call resolves to all that its caller gets to see. */
  readonly calls: Readonly<Record<string, (client: Client) => Promise<unknown>>>
  /** Rows that make the loopback provider known; default `hosts: [origin]`. */
  rows?(origin: string): readonly ProviderRow[]
}

/** What holds for every client: the second call is the first one again and never reaches the provider. */
export function describeClient<Client>(under: ClientUnderTest<Client>): void {
  describe.for(Object.entries(under.calls))('%s', ([, call]) => {
    test('is answered from memory the second time, at the real host', async () => {
      const network = startNetwork()
      const cache = installCache()
      const first = await call(under.create({ apiKey: 'sk-one' }))
      const second = await call(under.create({ apiKey: 'sk-one' }))
      expect(second).toEqual(first)
      expect(network.calls).toHaveLength(1)
      expect(cache.stats()).toMatchObject({ misses: 1, hits: 1, stores: 1, bypasses: {}, refusals: {} })
    })

    test('is answered from memory the second time, over a socket', async () => {
      const provider = await startProvider()
      const { origin } = provider
      installCache(under.rows === undefined ? { hosts: [origin] } : { providers: under.rows(origin) })
      const first = await call(under.create({ apiKey: 'sk-one', origin }))
      const second = await call(under.create({ apiKey: 'sk-one', origin }))
      expect(second).toEqual(first)
      expect(provider.calls).toHaveLength(1)
    })

    test('is a miss with another API key', async () => {
      const network = startNetwork()
      const cache = installCache()
      await call(under.create({ apiKey: 'sk-one' }))
      await call(under.create({ apiKey: 'sk-two' }))
      expect(network.calls).toHaveLength(2)
      expect(cache.stats()).toMatchObject({ misses: 2, hits: 0, stores: 2 })
    })
  })
}

/** All that a stream yields. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}
