import type { Json, JsonObject } from '../base/json.ts'
import type { RequestView } from '../providers/provider.ts'

/** One event of a stream as it is written: of SSE with an `event:` line where it has a name. */
export interface StreamEvent {
  readonly name?: string
  /** A text stands for itself (`[DONE]`), anything else is written as JSON. */
  readonly data: Json
}

/** How a stream's events are put into bytes. */
export type StreamForm = 'sse' | 'ndjson' | 'json-array'

/** A request that asks for the same answer in the other form. */
export interface Sibling {
  readonly body: JsonObject
  /** What stands in the path's `{action}`, where that says which form. */
  readonly action?: string
  /** Query parameters that say which form; `undefined` where there is none. */
  readonly query?: Readonly<Record<string, string | undefined>>
}

/** What of a call decides how its stream looks. */
export interface StreamCall {
  readonly request: RequestView
  /** Id of the provider's row. */
  readonly provider: string
}

/** How one wire format's two forms are made from each other. What it does not know is {@link Lossy}. */
export interface Conversion {
  /** Requests for the other form, the likeliest first. What only concerns the form is not in them but by chance. */
  siblings(request: RequestView): readonly Sibling[]
  /** The bytes of the stream that a call asks for; default SSE. */
  form?(request: RequestView): StreamForm
  /** The document that a whole stream's events tell. */
  assemble(events: readonly StreamEvent[]): JsonObject
  /** The events that tell a document, all of it, in the provider's own sequence. */
  split(document: JsonObject): readonly StreamEvent[]
  /** A document without what only its own form has. */
  formless?(document: JsonObject): JsonObject
  /** Of all events those that the call asks for. */
  asked?(events: readonly StreamEvent[], call: StreamCall): readonly StreamEvent[]
}
