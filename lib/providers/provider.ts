import type { Json, JsonObject } from '../base/json.ts'
import type { BypassReason } from '../base/reasons.ts'
import type { Answer } from './answer.ts'

/** What a format may look at to tell what a call asks for. */
export interface RequestView {
  /** The parsed JSON body, or the text fields of a multipart body; `{}` if there is no body or it is not an object. */
  readonly body: JsonObject
  /** What the endpoint's `{placeholders}` matched, decoded: `{ model: 'gemini-3-pro', action: 'generateContent' }`. */
  readonly params: Readonly<Record<string, string>>
  /** A query parameter, or `undefined`. */
  query(name: string): string | undefined
  /** A request header by lower-case name, or `undefined`. */
  header(name: string): string | undefined
  /** See `ProviderRow.hostedFunctions`. */
  readonly hostedFunctions?: readonly string[] | undefined
}

/** What one call asks for, read from its body, path, query and headers. */
export interface RequestFacts {
  /** The model as the caller named it, or `undefined`. */
  readonly model: string | undefined
  /** Whether a stream is asked for. */
  readonly stream: boolean
  /** Explicit `temperature: 0`, a seed, or a call without sampling (embeddings, rerank, moderations). */
  readonly deterministic: boolean
  /**
   * How many choices, candidates or vectors are asked for, if it is more than one. An answer with fewer is not stored.
   * Default 1.
   */
  readonly choices?: number | undefined
  /**
   * Why the call must not be cached (server-side state; hosted tools and text, unless `hosted: 'cache'`), or
   * `undefined`.
   */
  readonly veto: BypassReason | undefined
}

/** One event of an answer: an SSE event, an NDJSON line, an AWS frame, or a whole JSON body. */
export interface AnswerEvent {
  /** SSE `event:`, AWS `:event-type`; `undefined` if there is none. */
  readonly name: string | undefined
  /** The parsed data; the text itself if it is not JSON (`[DONE]`). */
  readonly data: Json
  /** `false` for a body that is one JSON document. */
  readonly stream: boolean
}

/** Writes an error of status 400 as a provider does, so that what its SDK throws says `message`. */
export type ErrorShape = (message: string) => {
  readonly body: JsonObject
  /** More headers that SDKs read the error by: name, value, name, value … */
  readonly headers?: readonly string[]
}

/** Where a chat format keeps its conversation. Data: `semantic/conversation.ts` reads by it. */
export interface ConversationShape {
  /** The member with the messages, oldest first. One text in its place is a single message of the user. */
  readonly messages: string
  /** The member beside them with the user's last text, if it is not a message itself. */
  readonly last?: string
  /** The member of a message with its text, or with its parts. */
  readonly content: string
  /** The user's roles; `''` if a message may have none. */
  readonly users: readonly string[]
  /** Roles whose messages are instructions: they count however little of a conversation is compared. */
  readonly systems: readonly string[]
  /** Members beside the last text that hold something else of the last turn: images, results of tools. */
  readonly others?: readonly string[]
}

/** One wire format: how its requests and its answers read. Adding one touches nothing else. */
export interface Format {
  /** Names the format: `openai-chat`. */
  readonly id: string
  /** The provider's own documentation. */
  readonly docs: string
  /**
   * Places of a body whose objects keep the order of their properties in the key, because it steers the model: JSON
   * schemas, and JSON that the provider writes into the prompt as it came. A path (`text.format`), or `**.parameters`
   * for a member of that name at any depth.
   */
  readonly ordered: readonly string[]
  /** Paths of ids that are new in every call and never change the answer: they are out of the key. Default none. */
  readonly volatile?: readonly string[]
  /** The top-level member that says "stream" and its default; `undefined` if the path or a header says it. */
  readonly streamField: { readonly name: string; readonly default: boolean } | undefined
  /** Where its conversations stand; absent if there are none, or if they can't be recognised. */
  readonly conversation?: ConversationShape
  /** How the provider writes an error; OpenAI's shape where it is left out. */
  readonly errorShape?: ErrorShape
  /** Reads what a call asks for. Never throws on any JSON. */
  inspect(request: RequestView): RequestFacts
  /** Notes in `answer` what one event shows. Never throws on any JSON. */
  observe(event: AnswerEvent, answer: Answer): void
}

/** One endpoint of a provider. */
export interface Endpoint {
  /**
   * Path below the host: `/v1/chat/completions`, `/openai/deployments/{model}/chat/completions`. A `{name}` matches
   * one segment or part of one (no `/`), `{name+}` matches several, `{name:one|two}` one of the words.
   */
  readonly path: string
  readonly format: Format
}

/** One provider: hosts, endpoints, credentials. Data only. */
export interface ProviderRow {
  /** Short name, as in rules, filters and `entries()`: `openai`. */
  readonly id: string
  /** The provider's API reference. */
  readonly docs?: string
  /**
   * `api.openai.com` (https on the default port), `*.openai.azure.com` (`*` is one or more labels or a part of one), or
   * an origin, `http://localhost:8000`.
   */
  readonly hosts: readonly string[]
  readonly endpoints: readonly Endpoint[]
  /** Credential headers beside the ones every provider knows, in lower case. */
  readonly credentials?: readonly string[]
  /** Names of functions that this gateway runs itself, though they look like the caller's own: `google_search`. */
  readonly hostedFunctions?: readonly string[]
  /**
   * Whether its streams in OpenAI's chat shape end without `[DONE]`, by its documents or its users' reports. Such a
   * stream is whole if it ends cleanly and every choice is finished. Default `false`: without the marker its tail may
   * be lost.
   */
  readonly sendsNoDone?: boolean
  /** Headers that steer the answer here, though they are noise elsewhere (`accept`). In lower case; `*` globs. */
  readonly semanticHeaders?: readonly string[]
}

/** A call that a row knows. */
export interface Match {
  readonly provider: ProviderRow
  readonly endpoint: Endpoint
  /** `https://api.openai.com`. */
  readonly origin: string
  /** Path without the query. */
  readonly pathname: string
  /** Query with its `?`, or `''`. */
  readonly search: string
  /** See {@link RequestView.params}. */
  readonly params: Readonly<Record<string, string>>
}
