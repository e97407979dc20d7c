import { hash } from 'node:crypto'

/** What the provider says when it fails inside a stream. */
export const ERROR_TAIL = 'data: {"error":{"message":"overloaded","type":"server_error"}}\n\ndata: [DONE]\n\n'
/** What it says instead of a JSON answer. */
export const ERROR_BODY = '{"error":{"message":"overloaded","type":"server_error"}}'

const HEAD = { id: 'chatcmpl-soak', created: 1_760_000_000, model: 'soak-1' }

/** Answer to a prompt in its pieces: a pure function of the prompt, and full of its checksum. */
export function answerTo(prompt: string, stream: boolean): readonly string[] {
  const parts = partsOf(prompt)
  if (!stream) {
    const message = { role: 'assistant', content: parts.join('') }
    const choices = [{ index: 0, message, finish_reason: 'stop' }]
    const text = JSON.stringify({ ...HEAD, object: 'chat.completion', choices })
    return [text.slice(0, 40), text.slice(40, 100), text.slice(100)]
  }
  const event = (delta: object, finish: string | null): string => {
    const choices = [{ index: 0, delta, finish_reason: finish }]
    return `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', choices })}\n\n`
  }
  return [...parts.map((content) => event({ content }, null)), event({}, 'stop'), 'data: [DONE]\n\n']
}

/** The assistant's text in that answer. */
export function textTo(prompt: string): string {
  return partsOf(prompt).join('')
}

/** The prompt of a request body; a body that is no JSON is one itself. */
export function promptOf(body: string): { readonly prompt: string; readonly stream: boolean } {
  try {
    // What the soak's callers send.
    const { messages, stream = false } = JSON.parse(body) as { messages: { content: string }[]; stream?: boolean }
    return { prompt: messages[0]?.content ?? '', stream }
  } catch {
    return { prompt: body, stream: false }
  }
}

function partsOf(prompt: string): string[] {
  const sum = hash('sha256', prompt)
  const count = 3 + (Number.parseInt(sum.slice(0, 2), 16) % 20)
  const filler = prompt.startsWith('large') ? 'x'.repeat(20_000) : 'x'.repeat(count * 4)
  return Array.from({ length: count }, (_, i) => `${sum} ${i} ${filler} `)
}
