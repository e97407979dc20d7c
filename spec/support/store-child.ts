import { createLlmCache, type Filter, type LlmCache, type LlmCacheOptions } from '../../lib/index.ts'
import { sqliteStore } from '../../lib/stores/sqlite.ts'
import { chat, statusOf } from './calls.ts'

/** What another process is asked to do with its cache; what it answers is JSON. */
export type Command =
  | { readonly do: 'call'; readonly seed: number; readonly words?: number; readonly stream?: boolean }
  /** Asks one question. */
  | { readonly do: 'ask'; readonly text: string; readonly apiKey?: string }
  | { readonly do: 'reject'; readonly match: string }
  | { readonly do: 'flush' }
  | { readonly do: 'keys'; readonly of: 'memory' | 'all' }
  | { readonly do: 'clear'; readonly filter: Filter }
  | { readonly do: 'close' }
  /** Makes a call, and ends by `process.exit` as soon as it has read the end marker. */
  | { readonly do: 'exit at marker'; readonly seed: number }
  /** Ends by `process.exit`. */
  | { readonly do: 'exit' }
  /** Lets the process end by itself. */
  | { readonly do: 'disconnect' }

/** How it is started. */
export interface ChildStart {
  readonly path: string
  readonly origin: string
  readonly options?: Pick<LlmCacheOptions, 'coalesce' | 'storeTimeout'>
  /** The id of an embedder for which every two texts are near: the guard decides alone. */
  readonly embedder?: string
}

const { path, origin, options, embedder }: ChildStart = JSON.parse(process.argv[2] ?? '')
const semantic = embedder === undefined ? {} : { semantic: { id: embedder, embed: nearVectors } }
const cache = createLlmCache({ ...options, ...semantic, hosts: [origin], store: sqliteStore({ path }) })
cache.install()

process.on('message', ({ id, command }: { id: number; command: Command }) => {
  obey(cache, command).then(
    (answer) => process.send?.({ id, answer }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  )
})
process.send?.({ id: 0 })

async function obey(cache: LlmCache, command: Command): Promise<unknown> {
  switch (command.do) {
    case 'call': {
      const response = await chat(origin, { seed: command.seed, stream: command.stream ?? true })
      return { status: statusOf(response), text: await response.text() }
    }
    case 'ask':
      return ask(command)
    case 'reject':
      return cache.reject(command.match)
    case 'flush':
      return cache.flush()
    case 'keys':
      return keysOf(cache, command.of)
    case 'clear':
      return cache.clear(command.filter)
    case 'close':
      return cache.close()
    case 'exit at marker': {
      const response = await chat(origin, { seed: command.seed, stream: true })
      for await (const chunk of response.body ?? []) if (Buffer.from(chunk).includes('[DONE]')) process.exit(0)
      return undefined
    }
    case 'exit':
      return process.exit(0)
    case 'disconnect':
      return void process.disconnect()
    default:
      return command satisfies never
  }
}

function nearVectors(texts: string[]): number[][] {
  return texts.map(() => [1, 0])
}

async function ask({ text, apiKey = 'sk-one' }: Extract<Command, { do: 'ask' }>): Promise<unknown> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` }
  const response = await chat(origin, { messages: [{ role: 'user', content: text }] }, { headers })
  const match = response.headers.get('x-llm-cache-match')
  return { status: statusOf(response), text: await response.text(), match }
}

async function keysOf(cache: LlmCache, of: 'memory' | 'all'): Promise<string[]> {
  if (of === 'memory') return [...cache.entries()].map(({ key }) => key)
  const keys: string[] = []
  for await (const { key } of cache.entries()) keys.push(key)
  return keys
}
