/** What a loopback provider and the floors answer. */
export interface Answer {
  readonly contentType: string
  /** Events of a stream; a JSON answer is one. */
  readonly chunks: readonly string[]
}

const HEAD = { id: 'chatcmpl-bench', created: 1_760_000_000, model: 'gpt-4o-mini' }

/** A chat completion of so many bytes. https://platform.openai.com/docs/api-reference/chat/object */
export function chatAnswer(size: number): Answer {
  const build = (content: string): string =>
    JSON.stringify({
      ...HEAD,
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 500, completion_tokens: 300, total_tokens: 800 },
    })
  return { contentType: 'application/json', chunks: [build(prose(size - build('').length))] }
}

/** A chat stream of so many events and bytes. https://platform.openai.com/docs/api-reference/chat-streaming */
export function streamAnswer(events: number, size: number): Answer {
  const build = (content: string, finish: string | null = null): string => {
    const choices = [{ index: 0, delta: finish === null ? { content } : {}, finish_reason: finish }]
    return `data: ${JSON.stringify({ ...HEAD, object: 'chat.completion.chunk', choices })}\n\n`
  }
  const text = prose(Math.round(size / events) - build('').length)
  const chunks = [...Array.from({ length: events - 2 }, () => build(text)), build('', 'stop'), 'data: [DONE]\n\n']
  return { contentType: 'text/event-stream; charset=utf-8', chunks }
}

/** Parameters of a chat completion whose JSON has so many bytes. */
export function chatRequest(size: number, stream = false): ChatParameters {
  const build = (content: string): ChatParameters => ({
    model: HEAD.model,
    messages: [
      { role: 'system', content: 'You answer in one paragraph.' },
      { role: 'user', content },
    ],
    temperature: 0,
    ...(stream && { stream }),
  })
  return build(prose(size - JSON.stringify(build('')).length))
}

/** The part of OpenAI's parameters that the bench uses. */
export interface ChatParameters {
  readonly model: string
  readonly messages: { readonly role: 'system' | 'user'; readonly content: string }[]
  readonly temperature: number
  readonly stream?: boolean
}

/** The whole body of an answer. */
export function bytesOf({ chunks }: Answer): Uint8Array {
  return Buffer.from(chunks.join(''))
}

/** The assistant's text in an answer, as an SDK puts it together. */
export function textOf({ chunks }: Answer): string {
  return chunks.map(textOfChunk).join('')
}

function textOfChunk(chunk: string): string {
  const json = chunk.replace(/^data: /, '')
  if (json.startsWith('[DONE]')) return ''
  // What chatAnswer and streamAnswer wrote.
  const { choices } = JSON.parse(json) as { choices: { message?: Part; delta?: Part }[] }
  return choices[0]?.message?.content ?? choices[0]?.delta?.content ?? ''
}

interface Part {
  readonly content?: string
}

const WORDS = 'The same prompt is sent again more often than one thinks, and its answer is already here. '

function prose(length: number): string {
  return WORDS.repeat(Math.ceil(Math.max(length, 1) / WORDS.length)).slice(0, Math.max(length, 1))
}

/** Without what it cost: a price is looked up once an answer, and each read of a store makes a new one of it. */
export function withoutUsage({ contentType, chunks }: Answer): Answer {
  return { contentType, chunks: chunks.map((chunk) => chunk.replace(/,"usage":\{[^}]*\}/, '')) }
}
