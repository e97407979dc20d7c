import type { LlmCache, LlmCacheOptions } from '../../../lib/index.ts'
import type { SemanticOptions } from '../../../lib/semantic/semantic-options.ts'
import type { Provider } from '../../support/provider.ts'
import { blindEmbedder } from '../../support/embedders.ts'
import { type Asked, type Seen, setUp } from '../controls/setup.ts'

/** A cache that matches, over a loopback provider. */
export interface Matching {
  readonly cache: LlmCache
  readonly provider: Provider
  /** Asks one question, as a whole conversation. */
  ask(text: string, asked?: Asked): Promise<Seen>
  /** Asks with a list of messages. */
  tell(messages: readonly object[], asked?: Asked): Promise<Seen>
}

/** Starts both. By default every two texts are near: the guard decides alone. */
export async function setUpMatching(semantic: SemanticOptions = {}, options: LlmCacheOptions = {}): Promise<Matching> {
  const { provider, cache, ask } = await setUp({
    semantic: { ...blindEmbedder(), id: 'blind', ...semantic },
    ...options,
  })
  const tell = (messages: readonly object[], asked: Asked = {}): Promise<Seen> =>
    ask({ ...asked, fields: { messages, ...asked.fields } })
  return { cache, provider, tell, ask: (text, asked) => tell([{ role: 'user', content: text }], asked) }
}

/** How an answer was found: its status, similarity and whether a match is named. */
export function matchOf({ cache, headers }: Seen): [string | null, string | null, boolean] {
  return [cache, headers.get('x-llm-cache-similarity'), headers.has('x-llm-cache-match')]
}
