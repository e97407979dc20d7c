import type { Json, JsonObject } from '../base/json.ts'
import type { RequestView } from '../providers/provider.ts'

/** One event of a stream. In SSE a `name` is written as its `event:` line. */
export interface StreamEvent {
  readonly name?: string
  /** A string is written as it is (`[DONE]`), anything else as JSON. */
  readonly data: Json
}

/** How a stream's events are written. */
export type StreamForm = 'sse' | 'ndjson' | 'json-array'

/** A request that asks for the same answer in the other form. */
export interface Sibling {
  readonly body: JsonObject
  /** Value of the path's `{action}`, where the path says which form is asked for. */
  readonly action?: string
  /** Query parameters that say which form is asked for; `undefined` for one that must be absent. */
  readonly query?: Readonly<Record<string, string | undefined>>
}

/** What the events of a call's stream depend on. */
export interface StreamCall {
  readonly request: RequestView
  /** Id of the provider's row. */
  readonly provider: string
}

/** Makes each form of an answer from the other, for one wire format. Throws {@link Lossy} for what it does not know. */
export interface Conversion {
  /** The same request for the other form, in the ways in which clients write it; the likeliest first. */
  siblings(request: RequestView): readonly Sibling[]
  /** How the stream that a call asks for is written; default SSE. */
  form?(request: RequestView): StreamForm
  /** Puts the events of a whole stream together into a document. */
  assemble(events: readonly StreamEvent[]): JsonObject
  /** Cuts a document into events, in the provider's own sequence. Nothing is left out. */
  split(document: JsonObject): readonly StreamEvent[]
  /** The document without members that only documents have. */
  formless?(document: JsonObject): JsonObject
  /** Leaves out the events that the call did not ask for. */
  asked?(events: readonly StreamEvent[], call: StreamCall): readonly StreamEvent[]
}
