import type { Json, JsonObject } from '../base/json.ts'
import type { BypassReason } from '../base/reasons.ts'
import type { Answer } from './answer.ts'

/** The request, as formats see it. */
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

/** Facts about a call, read from its body, path, query and headers. */
export interface RequestFacts {
  /** The model by the caller's name; `undefined` if there is none. */
  readonly model: string | undefined
  /** Whether the call asks for a stream. */
  readonly stream: boolean
  /** Explicit `temperature: 0`, a seed, or a call without sampling (embeddings, rerank, moderations). */
  readonly deterministic: boolean
  /**
   * The number of choices, candidates or vectors asked for, if it is more than one. An answer with fewer is not stored.
   * Default 1.
   */
  readonly choices?: number | undefined
  /**
   * Why the call must not be cached (server-side state; hosted tools and text, unless `hosted: 'cache'`); `undefined`
   * if it may be.
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

/** Writes an error with status 400 in the provider's shape, so that its SDK's error shows `message`. */
export type ErrorShape = (message: string) => {
  readonly body: JsonObject
  /** Additional headers that SDKs read: name, value, name, value … */
  readonly headers?: readonly string[]
}

/** Where a chat format keeps its conversation, for `semantic/conversation.ts`. */
export interface ConversationShape {
  /** The member with the messages, oldest first. A text instead of a list is a single user message. */
  readonly messages: string
  /** The member with the user's last text, if that is not one of the messages. */
  readonly last?: string
  /** The member of a message with its text, or with its parts. */
  readonly content: string
  /** The user's roles; `''` if a message may have none. */
  readonly users: readonly string[]
  /** Roles of instructions, which count however little of a conversation is compared. */
  readonly systems: readonly string[]
  /** Members besides the last text that belong to the last turn: images, tool results. */
  readonly others?: readonly string[]
}

/** One wire format: how to read its requests and answers. Adding one touches nothing else. */
export interface Format {
  /** Name of the format: `openai-chat`. */
  readonly id: string
  /** The provider's own documentation. */
  readonly docs: string
  /**
   * Members whose objects keep their property order in the key, because it influences the model: JSON schemas, and JSON
   * that the provider writes into the prompt unchanged. A path (`text.format`), or `**.parameters` for a member of that
   * name at any depth.
   */
  readonly ordered: readonly string[]
  /** Paths of ids that differ in every call and never change the answer. They are left out of the key. Default none. */
  readonly volatile?: readonly string[]
  /** The top-level member that asks for a stream, and its default; `undefined` if the path or a header does. */
  readonly streamField: { readonly name: string; readonly default: boolean } | undefined
  /** Where its conversations are; absent if there are none, or they can't be recognised. */
  readonly conversation?: ConversationShape
  /** The shape of the provider's errors. Default: OpenAI's. */
  readonly errorShape?: ErrorShape
  /** Reads the facts of a call. Never throws, for any JSON. */
  inspect(request: RequestView): RequestFacts
  /** Notes one event in `answer`. Never throws, for any JSON. */
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
   * `api.openai.com` (https on the default port), `*.openai.azure.com` (`*` is one or more labels or part of one), or
   * an origin, `http://localhost:8000`.
   */
  readonly hosts: readonly string[]
  readonly endpoints: readonly Endpoint[]
  /** Credential headers, in lower case, besides those known for every provider. */
  readonly credentials?: readonly string[]
  /** Names of functions that this gateway runs itself, though they look like the app's own: `google_search`. */
  readonly hostedFunctions?: readonly string[]
  /**
   * Whether its streams in OpenAI's chat shape end without `[DONE]`, according to its documentation or its users. Such
   * a stream is whole if it ends cleanly and every choice is finished. Default `false`: without the marker the end may
   * be missing.
   */
  readonly sendsNoDone?: boolean
  /** Headers that influence the answer here, though elsewhere they don't count (`accept`). In lower case; `*` globs. */
  readonly semanticHeaders?: readonly string[]
}

/** A call that matches a row. */
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
