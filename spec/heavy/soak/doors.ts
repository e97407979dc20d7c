import { Readable, Writable } from 'node:stream'
import OpenAI from 'openai'
import * as undici from 'undici'
import { type CallPlan, type DoorName } from './plan.ts'
import { Leaving, type Outcome, Taker } from './taker.ts'

const PATH = '/v1/chat/completions'
/** Larger than the cache's `maxRequestSize`. */
export const HUGE = 200_000

interface Sent {
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string
}

type Door = (sent: Sent, taker: Taker, plan: CallPlan) => Promise<void>

const DOORS: { readonly [Name in DoorName]: Door } = {
  'built-in fetch': (sent, taker) => viaFetch(globalThis.fetch, sent, taker),
  // undici's Response is the built-in one but for its identity.
  'undici fetch': (sent, taker) => viaFetch(undici.fetch as unknown as typeof fetch, sent, taker),
  request: viaRequest,
  stream: viaStream,
  pipeline: viaPipeline,
  openai: viaOpenai,
}

/** A call under way, and what takes its answer. */
export interface Call {
  readonly taker: Taker
  /** Never rejects. */
  readonly outcome: Promise<Outcome>
}

/** Makes one call as planned, and takes its answer as planned. */
export function makeCall(origin: string, plan: CallPlan): Call {
  const taker = new Taker(plan.reader, plan.door === 'openai' && plan.body === 'json' ? 'text' : 'body')
  const headers = {
    authorization: 'Bearer sk-soak',
    'content-type': 'application/json',
    'x-soak-trouble': JSON.stringify(plan.trouble),
  }
  // An SDK sends nothing but JSON.
  const door = plan.door === 'openai' && plan.body !== 'json' ? 'built-in fetch' : plan.door
  const sent = { url: origin + PATH, headers, body: bodyOf(plan) }
  return { taker, outcome: taker.watch(() => DOORS[door](sent, taker, plan)) }
}

/** The request's body as text. */
export function bodyOf({ prompt, body, stream }: Pick<CallPlan, 'prompt' | 'body' | 'stream'>): string {
  if (body === 'broken-json') return `{"model":"soak-1","messages":[{"role":"user","content":"${prompt}"}`
  const content = body === 'huge' ? prompt.padEnd(HUGE, '.') : prompt
  return JSON.stringify({ model: 'soak-1', messages: [{ role: 'user', content }], stream })
}

async function viaFetch(fetch: typeof globalThis.fetch, { url, ...init }: Sent, taker: Taker): Promise<void> {
  const response = await fetch(url, { ...init, method: 'POST', signal: taker.signal })
  taker.head(response.status, (name) => response.headers.get(name))
  for await (const chunk of response.body ?? []) if (!(await taker.take(chunk))) break
}

async function viaRequest({ url, headers, body }: Sent, taker: Taker, plan: CallPlan): Promise<void> {
  const sent = plan.body === 'failing' ? failing(body) : body
  const answer = await undici.request(url, { method: 'POST', headers, body: sent, signal: taker.signal })
  taker.head(answer.statusCode, (name) => answer.headers[name])
  for await (const chunk of answer.body) if (!(await taker.take(chunk))) break
}

function failing(body: string): Readable {
  return Readable.from(
    (async function* () {
      yield body.slice(0, 10)
      throw new Error('The body broke')
    })(),
  )
}

async function viaStream({ url, headers, body }: Sent, taker: Taker): Promise<void> {
  await undici.stream(url, { method: 'POST', headers, body, signal: taker.signal }, ({ statusCode, headers }) => {
    taker.head(statusCode, (name) => headers[name])
    return new Writable({
      async write(chunk: Buffer, _coding, done) {
        done((await taker.take(chunk)) ? null : new Leaving())
      },
    })
  })
}

async function viaPipeline({ url, headers, body }: Sent, taker: Taker): Promise<void> {
  const duplex = undici.pipeline(url, { method: 'POST', headers, signal: taker.signal }, (answer) => {
    taker.head(answer.statusCode, (name) => answer.headers[name])
    return answer.body
  })
  duplex.end(body)
  for await (const chunk of duplex) if (!(await taker.take(chunk))) break
}

async function viaOpenai({ url, headers, body }: Sent, taker: Taker): Promise<void> {
  const baseURL = url.replace('/chat/completions', '')
  const client = new OpenAI({ apiKey: 'sk-soak', baseURL, defaultHeaders: headers, maxRetries: 1 })
  // What bodyOf wrote.
  const parameters = JSON.parse(body) as OpenAI.Chat.ChatCompletionCreateParams
  if (parameters.stream === true) {
    const { data, response } = await client.chat.completions
      .create({ ...parameters, stream: true }, { signal: taker.signal })
      .withResponse()
    taker.head(response.status, (name) => response.headers.get(name))
    for await (const { choices } of data) {
      const text = choices[0]?.delta.content
      if (text && !(await taker.take(text))) break
    }
    return
  }
  const { data, response } = await client.chat.completions
    .create({ ...parameters, stream: false }, { signal: taker.signal })
    .withResponse()
  taker.head(response.status, (name) => response.headers.get(name))
  await taker.take(data.choices?.[0]?.message.content ?? '')
}
