/** One call of the demo. */
export interface DemoCall {
  readonly label: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  /** The header with the key, as this API's SDK sends it. */
  readonly credential: 'authorization' | 'x-api-key'
}

const prompt = 'Why do people cache answers of language models?'
const messages = [{ role: 'user', content: prompt }]
const bearer = { credential: 'authorization' } as const

/** The calls that are made twice each against the demo's own provider. */
export const LOOPBACK_CALLS: readonly DemoCall[] = [
  { label: 'chat, JSON', path: '/v1/chat/completions', body: { model: 'demo-1', messages }, ...bearer },
  {
    label: 'chat, stream',
    path: '/v1/chat/completions',
    body: { model: 'demo-1', messages, stream: true },
    ...bearer,
  },
  {
    label: 'Anthropic, stream',
    path: '/v1/messages',
    body: { model: 'demo-1', max_tokens: 200, messages, stream: true },
    credential: 'x-api-key',
  },
  { label: 'embeddings', path: '/v1/embeddings', body: { model: 'demo-embed', input: prompt }, ...bearer },
]

/** The call that many callers make at once. */
export const CROWD: DemoCall = {
  label: 'chat, stream',
  path: '/v1/chat/completions',
  body: { model: 'demo-1', messages: [{ role: 'user', content: 'Everybody asks this at once.' }], stream: true },
  ...bearer,
}

const tiny = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Say hi.' }], max_tokens: 8 }

/** The calls that `--live` makes to OpenAI, twice each: a fraction of a cent in all. */
export const LIVE_CALLS: readonly DemoCall[] = [
  { label: 'chat, JSON', path: '/v1/chat/completions', body: tiny, ...bearer },
  { label: 'chat, stream', path: '/v1/chat/completions', body: { ...tiny, stream: true }, ...bearer },
  { label: 'embeddings', path: '/v1/embeddings', body: { model: 'text-embedding-3-small', input: 'hi' }, ...bearer },
]
