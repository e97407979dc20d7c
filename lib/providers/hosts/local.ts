import { audio, messages, moderations, ollama, openai, reranking } from '../endpoints.ts'
import type { Endpoint, ProviderRow } from '../provider.ts'

/**
 * The row for a server in the option `hosts`: OpenAI-compatible endpoints below `/v1` (vLLM, LM Studio, llama.cpp,
 * LiteLLM), and Ollama's own. Opt-in, because a port alone does not say what listens there. All names of the loopback
 * interface are equivalent: people write `localhost`, and Ollama's client calls `127.0.0.1`.
 *
 * @param url an origin (`http://localhost:11434`), or the base URL of an SDK (`http://localhost:4000/v1`). A last `/v1`
 * belongs to the endpoints; any other path is a prefix, tried with and without `/v1`, since SDKs append
 * `/chat/completions` to whatever they are given.
 */
export function localRow(url: string): ProviderRow {
  const { origin, pathname } = new URL(url)
  const base = pathname.replace(/\/+$/, '')
  const prefix = base.replace(/\/v1$/, '')
  const bare = base === prefix ? compatible(prefix) : []
  // Ollama's own clients take `http://localhost:11434`, the AI SDK takes `http://localhost:11434/api`.
  const native = ollama(prefix.replace(/\/api$/, ''))
  const endpoints = [...compatible(`${prefix}/v1`), messages(`${prefix}/v1`), ...native, ...bare]
  return { id: 'local', hosts: sameHosts(origin), endpoints }
}

function compatible(prefix: string): Endpoint[] {
  return [...openai(prefix), moderations(prefix), reranking(prefix), ...audio(prefix)]
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

function sameHosts(origin: string): string[] {
  const { protocol, hostname, port } = new URL(origin)
  if (!LOOPBACK.includes(hostname)) return [origin]
  return LOOPBACK.map((name) => `${protocol}//${name}${port === '' ? '' : `:${port}`}`)
}
