/** Variables with the API key of a known host, unless the command line names another one. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  'api.openai.com': ['OPENAI_API_KEY'],
  'api.anthropic.com': ['ANTHROPIC_API_KEY'],
  'generativelanguage.googleapis.com': ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  'openrouter.ai': ['OPENROUTER_API_KEY'],
  'api.mistral.ai': ['MISTRAL_API_KEY'],
  'api.groq.com': ['GROQ_API_KEY'],
  'api.together.xyz': ['TOGETHER_API_KEY'],
  'api.deepseek.com': ['DEEPSEEK_API_KEY'],
  'api.x.ai': ['XAI_API_KEY'],
}

/** The API key for a host; `undefined` if there is none, as with a server on this machine. */
export function keyFor(url: URL, named: string | undefined, variables: NodeJS.ProcessEnv): string | undefined {
  const names = named === undefined ? (VARIABLES[url.hostname] ?? []) : [named]
  return names.map((name) => variables[name]).find((value) => value)
}

/**
 * Version that `@anthropic-ai/sdk` sends since 1.0; older ones, and `@ai-sdk/anthropic`, send 2023-06-01 and
 * `x-api-key`.
 */
const ANTHROPIC_VERSION = '2026-10-21'

/**
 * The headers of a call as the provider's own SDK sends them, so that its calls find the stored answers. `header` is
 * the one for the key; default the SDK's own.
 */
export function sdkHeaders(url: URL, key: string | undefined, header?: string): Readonly<Record<string, string>> {
  const version = url.pathname.endsWith('/v1/messages') ? { 'anthropic-version': ANTHROPIC_VERSION } : {}
  if (key === undefined) return version
  const name = header?.toLowerCase() ?? keyHeader(url)
  return { ...version, [name]: name === 'authorization' ? `Bearer ${key}` : key }
}

function keyHeader({ hostname, pathname }: URL): string {
  if (hostname === 'generativelanguage.googleapis.com' && !pathname.includes('/openai/')) return 'x-goog-api-key'
  return hostname.endsWith('.azure.com') ? 'api-key' : 'authorization'
}
