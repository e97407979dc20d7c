import { createHash } from 'node:crypto'

/** A JSON request body. */
export type Body = Readonly<Record<string, unknown>>

/** What a shape is made from. */
export interface Ask {
  readonly body: Body
  /** Counts the provider's answers: ids and times differ from call to call, so that a replay can be told from a repeat. */
  readonly serial: number
  /** Words in the answer. */
  readonly words: number
  /** Whether a header asks for a stream (Vercel's gateway); elsewhere body or path does. */
  readonly isStreaming: boolean
}

/** One answer as its provider would send it. */
export interface Shape {
  readonly contentType: string
  /** The body's events, one to a write; one element where the body is one JSON document. */
  readonly events: readonly (string | Uint8Array)[]
  /** What comes instead of the remaining events when the provider fails inside its 200. */
  readonly failure: readonly string[]
}

/** `application/json` as providers send it. */
export function document(value: unknown): Shape {
  return { contentType: 'application/json', events: [JSON.stringify(value)], failure: [errorDocument()] }
}

/** Server-sent events of `data:` lines alone (OpenAI chat). */
export function dataEvents(values: readonly unknown[], tail: readonly string[], failure: readonly string[]): Shape {
  return { contentType: 'text/event-stream; charset=utf-8', events: [...values.map(data), ...tail], failure }
}

/** The data of an event that names itself. */
export interface Named {
  readonly type: string
  readonly [member: string]: unknown
}

/** Server-sent events whose `event:` is their data's `type` (Anthropic, OpenAI responses). */
export function namedEvents(values: readonly Named[], failure: readonly Named[]): Shape {
  const named = (value: Named): string => `event: ${value.type}\n${data(value)}`
  return { contentType: 'text/event-stream; charset=utf-8', events: values.map(named), failure: failure.map(named) }
}

/** One `data:` event. */
export function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

/** The answer to a prompt: words made of its digest, so that an answer to another prompt is seen to be wrong. */
export function answerTo(prompt: unknown, words = 8): string[] {
  const digest = createHash('sha256').update(JSON.stringify(prompt)).digest('hex')
  return Array.from({ length: words }, (_, i) => `${digest.slice((i * 4) % 64, ((i * 4) % 64) + 4)}${i < 16 ? '' : i} `)
}

/** {@link answerTo} as one text. */
export function answerText(prompt: unknown, words = 8): string {
  return answerTo(prompt, words).join('')
}

/** A plausible count of tokens. */
export function countTokens(value: unknown): number {
  return Math.ceil(JSON.stringify(value).length / 4)
}

/** A member that must be a string, else the default. */
export function text(value: unknown, or: string): string {
  return typeof value === 'string' ? value : or
}

function errorDocument(): string {
  return JSON.stringify({ error: { message: 'The server had an error', type: 'server_error', code: null } })
}
