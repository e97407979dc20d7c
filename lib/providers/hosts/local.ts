import { audio, messages, moderations, ollama, openai, reranking } from '../endpoints.ts'
import type { Endpoint, ProviderRow } from '../provider.ts'

/**
 * The row of a server that the option `hosts` names: OpenAI-compatible (vLLM, LM Studio, llama.cpp, LiteLLM) below
 * `/v1`, and Ollama's own endpoints. Opt-in, because a port says nothing certain. The names of the loopback interface
 * stand for each other: people write `localhost`, and Ollama's client calls `127.0.0.1`.
 *
 * @param url an origin, `http://localhost:11434`, or the base URL that an SDK is given, `http://localhost:4000/v1`. A
 *   last `/v1` is that of the endpoints; any other path stands before them, with `/v1` and without, since SDKs append
 *   `/chat/completions` to whatever they are given.
 */
export function localRow(url: string): ProviderRow {
  const { origin, pathname } = new URL(url)
  const base = pathname.replace(/\/+$/, '')
  const prefix = base.replace(/\/v1$/, '')
  const bare = base === prefix ? compatible(prefix) : []
  // Ollama's own clients are given `http://localhost:11434`, the AI SDK's `http://localhost:11434/api`.
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
