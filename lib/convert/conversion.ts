import type { Json, JsonObject } from '../base/json.ts'
import type { RequestView } from '../providers/provider.ts'

/** One event of a stream. SSE writes `name` as its `event:` line. */
export interface StreamEvent {
  readonly name?: string
  /** A string (`[DONE]`) is written unchanged, anything else as JSON. */
  readonly data: Json
}

/** How a stream's events are written. */
export type StreamForm = 'sse' | 'ndjson' | 'json-array'

/** A request for the same answer in the other form. */
export interface Sibling {
  readonly body: JsonObject
  /** Value of the path's `{action}`, if the path says which form is wanted. */
  readonly action?: string
  /** Query parameters that say which form is wanted; `undefined` for one that must be absent. */
  readonly query?: Readonly<Record<string, string | undefined>>
}

/** The call whose stream is made: it decides which events are sent. */
export interface StreamCall {
  readonly request: RequestView
  /** Id of the provider's row. */
  readonly provider: string
}

/** Converts the answers of one wire format between their two forms. Throws {@link Lossy} for anything unknown. */
export interface Conversion {
  /** The same request for the other form, in each way that clients write it, most likely first. */
  siblings(request: RequestView): readonly Sibling[]
  /** Framing of the stream that the request asks for. Default: SSE. */
  form?(request: RequestView): StreamForm
  /** Assembles a document from all events of a stream. */
  assemble(events: readonly StreamEvent[]): JsonObject
  /** Splits a document into events, in the order in which the provider sends them. Leaves nothing out. */
  split(document: JsonObject): readonly StreamEvent[]
  /** The document without members that streams never have. */
  formless?(document: JsonObject): JsonObject
  /** Drops events that the call did not ask for. */
  asked?(events: readonly StreamEvent[], call: StreamCall): readonly StreamEvent[]
}
