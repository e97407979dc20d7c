import type { Format } from '../../../lib/providers/provider.ts'
import type { Refusal } from '../../../lib/base/reasons.ts'
import type { Usage } from '../../../lib/providers/answer.ts'
import type { RefuseOptions } from '../../../lib/judge/verdict.ts'

/** An answer as it comes on the wire: pieces end where an event ends. */
export interface Body {
  readonly kind: 'sse' | 'ndjson' | 'aws' | 'document'
  readonly type: string
  readonly pieces: readonly Buffer[]
}

export interface VerdictCase {
  readonly name: string
  readonly format: Format
  readonly body: Body
  readonly expected: 'store' | Refusal
  readonly headers: Readonly<Record<string, string>>
  readonly refuse: Partial<RefuseOptions>
  /** How many pieces follow the end marker. */
  readonly tail: number
  /** The format has an end marker. */
  readonly marked: boolean
  /** How many choices were asked for. */
  readonly choices: number
  /** The host is documented to send no `[DONE]`. */
  readonly doneIsOptional: boolean
  readonly usage: Usage | undefined
}

type Options = Partial<Omit<VerdictCase, 'name' | 'format' | 'body' | 'expected'>>
type Row = readonly [name: string, body: Body, expected: 'store' | Refusal, options?: Options]

/** Cases of one format. */
export function cases(format: Format, rows: readonly Row[], shared: Options = {}): readonly VerdictCase[] {
  const defaults = {
    headers: {},
    refuse: {},
    tail: 0,
    marked: true,
    choices: 1,
    doneIsOptional: false,
    usage: undefined,
  }
  return rows.map(([name, body, expected, options]) => ({
    ...defaults,
    ...shared,
    ...options,
    format,
    name: `${format.id}, ${body.kind}: ${name}`,
    body,
    expected,
  }))
}

/** An SSE event: a block as it is, data alone, or `[name, data]`. */
type Event = string | object | readonly [string, unknown]

function block(event: Event): string {
  if (typeof event === 'string') return event
  if (Array.isArray(event)) return `event: ${event[0]}\ndata: ${JSON.stringify(event[1])}`
  return `data: ${JSON.stringify(event)}`
}

export function sse(...events: Event[]): Body {
  const pieces = events.map((event) => Buffer.from(`${block(event)}\n\n`))
  return { kind: 'sse', type: 'text/event-stream; charset=utf-8', pieces }
}

export const DONE = 'data: [DONE]'

export function lines(...values: unknown[]): Body {
  const pieces = values.map((value) => Buffer.from(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`))
  return { kind: 'ndjson', type: 'application/x-ndjson', pieces }
}

export function json(value: unknown): Body {
  return raw(JSON.stringify(value), 'application/json; charset=utf-8')
}

/** A document as it is. */
export function raw(body: string | Buffer, type: string): Body {
  return { kind: 'document', type, pieces: [Buffer.from(body)] }
}

export function frames(...pieces: Buffer[]): Body {
  return { kind: 'aws', type: 'application/vnd.amazon.eventstream', pieces }
}
