import { audio, messages, moderations, ollama, openai, reranking } from '../endpoints.ts'
import type { ProviderRow } from '../provider.ts'

/**
 * The row of a local server that the option `hosts` names: OpenAI-compatible (vLLM, LM Studio, llama.cpp) below `/v1`,
 * and Ollama's own endpoints. Opt-in, because a port says nothing certain. The names of the loopback interface stand for
 * each other: people write `localhost`, and Ollama's client calls `127.0.0.1`.
 *
 * @param origin such as `http://localhost:11434`.
 */
export function localRow(origin: string): ProviderRow {
  const endpoints = [...openai('/v1'), messages('/v1'), moderations('/v1'), reranking('/v1'), ...audio('/v1')]
  return { id: 'local', hosts: sameHosts(origin), endpoints: [...endpoints, ...ollama('')] }
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

function sameHosts(origin: string): string[] {
  const { protocol, hostname, port } = new URL(origin)
  if (!LOOPBACK.includes(hostname)) return [origin]
  return LOOPBACK.map((name) => `${protocol}//${name}${port === '' ? '' : `:${port}`}`)
}
