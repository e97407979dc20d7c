import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createLlmCache, type LlmCacheOptions, type ProviderRow } from '../../lib/index.ts'

/** How a client is made; without `origin` it calls its provider's real host. */
export interface ClientOptions {
  readonly apiKey: string
  readonly origin?: string
  /** How often the SDK itself tries again; default 0. */
  readonly retries?: number
}

/** One call of one SDK; resolves to all that its caller gets to see. */
export type ClientCall = (options: ClientOptions) => Promise<unknown>

/** One SDK, and the calls that its users make. */
export interface ClientUnderTest {
  readonly name: string
  /** Where it is exported from, for a process that loads it anew: `import.meta.url`. */
  readonly module: string
  readonly calls: Readonly<Record<string, ClientCall>>
  /** Whether the SDK can try again by itself; default `true`. */
  readonly retries?: boolean
  /** Options that make the loopback provider known; default `hosts: [origin]`. */
  at?(origin: string): LlmCacheOptions
}

/** A {@link ClientUnderTest} whose calls share a way to make the client. */
export interface ClientDefinition<Client> extends Omit<ClientUnderTest, 'calls' | 'at'> {
  create(options: ClientOptions): Client
  readonly calls: Readonly<Record<string, (client: Client, options: ClientOptions) => Promise<unknown>>>
  /** Rows that make the loopback provider known; default `hosts: [origin]`. */
  rows?(origin: string): readonly ProviderRow[]
}

/** Gives each call a client of its own. */
export function defineClient<Client>(definition: ClientDefinition<Client>): ClientUnderTest {
  const { create, calls, rows, ...rest } = definition
  const made = Object.entries(calls).map(([name, call]): [string, ClientCall] => [
    name,
    (options) => call(create(options), options),
  ])
  return { ...rest, calls: Object.fromEntries(made), ...(rows && { at: (origin) => ({ providers: rows(origin) }) }) }
}

/** Options that make the loopback provider known to the cache of a client. */
export function optionsAt(under: ClientUnderTest, origin: string): LlmCacheOptions {
  return under.at?.(origin) ?? { hosts: [origin] }
}

/** The keys that a client's call asks under, one for each try; with a cache of its own, and never a hit. */
export async function keysOf(under: ClientUnderTest, name: string, options: ClientOptions): Promise<string[]> {
  const cache = createLlmCache(optionsAt(under, options.origin ?? ''))
  const uninstall = cache.install()
  const keys: string[] = []
  // What the channel `undici-llm-cache:answer` tells.
  const hear = (message: unknown): void => void keys.push((message as { readonly key?: string }).key ?? 'none')
  subscribe('undici-llm-cache:answer', hear)
  try {
    await under.calls[name]?.(options)
  } finally {
    unsubscribe('undici-llm-cache:answer', hear)
    uninstall()
    await cache.close()
  }
  return keys
}

/** All that a stream yields. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of stream) items.push(item)
  return items
}
