import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'

/** Milliseconds to the first token, typical of hosted models. */
export const FIRST_TOKEN_MS = 600
/** Pace of later tokens. */
export const TOKENS_PER_SECOND = 50

const EMBEDDING_MS = 250
const TOKENS = (
  'The same prompt is sent again more often than one thinks : in tests , in retries , in agent loops , by users ' +
  'who ask what others asked . An answer that is already here costs nothing and comes at once .'
).split(/(?<= )/)

/** The demo's provider: a real server without a model, with the wire formats and the pace of a hosted one. */
export interface DemoProvider {
  readonly origin: string
  /** Number of calls that reached it. */
  calls(): number
  close(): Promise<void>
}

/** Opens the provider on a free port of this machine. */
export async function openDemoProvider(): Promise<DemoProvider> {
  let calls = 0
  const server = createServer((request, response) => {
    calls++
    answer(request, response, calls).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    // A listening TCP server has an AddressInfo.
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: () => calls,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, serial: number): Promise<void> {
  const body = await json(request)
  const stream = typeof body === 'object' && body !== null && 'stream' in body && body.stream === true
  if (request.url === '/v1/messages') return pace(response, messageEvents(serial))
  if (request.url === '/v1/embeddings') return whole(response, embedding(), EMBEDDING_MS)
  if (stream) return pace(response, chatEvents(serial))
  return whole(response, chat(serial), FIRST_TOKEN_MS + (TOKENS.length * 1000) / TOKENS_PER_SECOND)
}

async function whole(response: ServerResponse, value: object, delay: number): Promise<void> {
  await wait(delay)
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

async function pace(response: ServerResponse, events: readonly string[]): Promise<void> {
  await wait(FIRST_TOKEN_MS)
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  for (const event of events) {
    response.write(event)
    await wait(1000 / TOKENS_PER_SECOND)
  }
  response.end()
}

/** https://platform.openai.com/docs/api-reference/chat/object */
function chat(serial: number): object {
  const message = { role: 'assistant', content: TOKENS.join('') }
  return {
    ...head(serial),
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: 'stop' }],
    usage: { prompt_tokens: 12, completion_tokens: TOKENS.length, total_tokens: 12 + TOKENS.length },
  }
}

/** https://platform.openai.com/docs/api-reference/chat-streaming */
function chatEvents(serial: number): string[] {
  const event = (delta: object, finish: string | null = null): string =>
    data({ ...head(serial), object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })
  const tokens = TOKENS.map((content) => event({ content }))
  return [event({ role: 'assistant', content: '' }), ...tokens, event({}, 'stop'), 'data: [DONE]\n\n']
}

function head(serial: number): object {
  return { id: `chatcmpl-${serial}`, created: Math.floor(Date.now() / 1000), model: 'demo-1' }
}

/** https://docs.anthropic.com/en/docs/build-with-claude/streaming */
function messageEvents(serial: number): string[] {
  const message = { id: `msg_${serial}`, type: 'message', role: 'assistant', model: 'demo-1', content: [] }
  const named = (type: string, fields: object = {}): string => `event: ${type}\n${data({ type, ...fields })}`
  return [
    named('message_start', { message: { ...message, usage: { input_tokens: 12, output_tokens: 1 } } }),
    named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    ...TOKENS.map((text) => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })),
    named('content_block_stop', { index: 0 }),
    named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: TOKENS.length } }),
    named('message_stop'),
  ]
}

/** https://platform.openai.com/docs/api-reference/embeddings/create */
function embedding(): object {
  const vector = Array.from({ length: 256 }, (_, i) => Math.sin(i))
  return {
    object: 'list',
    data: [{ object: 'embedding', index: 0, embedding: vector }],
    model: 'demo-embed',
    usage: { prompt_tokens: 12, total_tokens: 12 },
  }
}

function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`
}
