import type { JsonObject } from '../base/json.ts'
import type { RequestView } from '../providers/provider.ts'
import { object, type Value } from '../providers/formats/read.ts'
import type { Sibling, StreamCall, StreamEvent } from './conversion.ts'
import { indexAt, listAt, lossy, names, objectAt } from './lossy.ts'
import { omit, pick } from './members.ts'
import { first, last, list, merge, nested, nothing, type MergeRules, rules, same, skip } from './merge.ts'

/** The data that ends OpenAI's streams. */
const DONE = '[DONE]'

/**
 * Members beside the choices, at OpenAI, Azure, OpenRouter, Groq, Perplexity, Mistral and others. `obfuscation` and `p`
 * are random padding that hides the length of tokens on the wire.
 */
const HEAD = rules({
  id: same,
  created: first,
  model: same,
  system_fingerprint: same,
  service_tier: same,
  moderation: same,
  usage: last,
  provider: same,
  usage_breakdown: same,
  // Cerebras and llama.cpp
  time_info: last,
  timings: last,
  // Together
  prompt: same,
  // vLLM
  prompt_logprobs: nothing,
  prompt_token_ids: nothing,
  kv_transfer_params: nothing,
  prompt_filter_results: list,
  x_groq: nested(rules({ id: same, seed: same, usage: last })),
  citations: same,
  search_results: same,
  obfuscation: skip,
  p: skip,
})

/** Members that only the first chunk has. All others are in every chunk. */
const ONCE: ReadonlySet<string> = new Set([
  'prompt_filter_results',
  'x_groq',
  'citations',
  'search_results',
  'moderation',
])

/** Members that only the last chunk with a choice has. */
const LATE: ReadonlySet<string> = new Set(['time_info', 'timings'])

/** The differences between chat and legacy completions. */
export interface ChunkForm {
  /** Value of `object` in a document. */
  readonly document: string
  /** Value of `object` in a chunk. */
  readonly chunk: string
  /** How the parts of a choice are merged. */
  readonly rules: MergeRules
  /** Turns the merged parts into a choice of a document. */
  readonly finish: (choice: JsonObject) => JsonObject
  /** Splits a choice of a document into parts. */
  readonly split: (choice: JsonObject) => Iterable<JsonObject>
}

/** Assembles a document from chunks. */
export function assembleChunks(events: readonly StreamEvent[], form: ChunkForm): JsonObject {
  let head: JsonObject = {}
  let word: Value
  const choices: JsonObject[] = []
  for (const { data } of events) {
    if (data === DONE) continue
    const { choices: parts = [], object: name = null, ...rest } = objectAt(data, 'chunk')
    word = same(word, name === form.chunk ? form.document : name, 'object')
    head = merge(HEAD, head, rest)
    for (const part of listAt(parts, 'choices')) addTo(choices, objectAt(part, 'choices'), form.rules)
  }
  const { usage, ...others } = withGroqUsage(head)
  // A document always has a usage; a stream has one only if it was asked for.
  if (usage === undefined || usage === null) lossy('usage')
  const whole = choices.toSorted((left, right) => Number(left.index) - Number(right.index)).map(form.finish)
  return { ...others, ...(word === undefined || word === null ? {} : { object: word }), choices: whole, usage }
}

function addTo(choices: JsonObject[], { index, ...part }: JsonObject, table: MergeRules): void {
  const known = choices.find((choice) => choice.index === index)
  if (known === undefined) choices.push(merge(table, { index: indexAt(index, Infinity, 'index') }, part))
  else merge(table, known, part)
}

/** Groq puts the usage in `x_groq` in streams, and in `usage` in documents. */
function withGroqUsage(head: JsonObject): JsonObject {
  const { usage, ...groq } = object(head.x_groq)
  return usage === undefined ? head : { ...head, x_groq: groq, usage: same(head.usage, usage, 'x_groq.usage') }
}

/** Splits a document into chunks. The last one before `[DONE]` has the usage and no choices. */
export function splitDocument(document: JsonObject, form: ChunkForm): readonly StreamEvent[] {
  const { choices, usage = null, object: word, ...head } = document
  if (word !== undefined && word !== form.document) lossy('object')
  const once = pick(head, ONCE)
  const late = pick(head, LATE)
  const each = { ...omit(omit(head, ONCE), LATE), ...(word === undefined ? {} : { object: form.chunk }) }
  const parts = listAt(choices, 'choices').flatMap((choice) => [...form.split(objectAt(choice, 'choices'))])
  const chunks = parts.map((part, at) => ({
    data: { ...each, choices: [part], ...(at === 0 ? once : {}), ...(at === parts.length - 1 ? late : {}) },
  }))
  return [...chunks, { data: { ...each, choices: [], usage } }, { data: DONE }]
}

/** Providers whose streams always have a usage, in the chunk with the finish reason. */
const UNASKED: ReadonlySet<string> = new Set('cerebras fireworks groq mistral openrouter together xai'.split(' '))

/**
 * OpenAI's streams have a usage only if `stream_options.include_usage` asks for it. Every other chunk then has `usage:
 * null`.
 * https://platform.openai.com/docs/api-reference/chat/create#chat_create-stream_options
 */
export function askedChunks(events: readonly StreamEvent[], { request, provider }: StreamCall): readonly StreamEvent[] {
  const [usage = { data: null }, done = { data: DONE }] = events.slice(-2)
  const chunks = events.slice(0, -2)
  if (object(request.body.stream_options).include_usage === true) {
    return [...chunks.map(({ data }) => ({ data: { ...object(data), usage: null } })), usage, done]
  }
  if (!UNASKED.has(provider)) return [...chunks, done]
  const told = usageOf(object(usage.data), provider)
  return [...chunks.slice(0, -1), ...chunks.slice(-1).map(({ data }) => ({ data: { ...object(data), ...told } })), done]
}

/** Groq has its own member; https://console.groq.com/docs/api-reference */
function usageOf({ id = null, usage = null }: JsonObject, provider: string): JsonObject {
  return provider === 'groq' ? { x_groq: { id, usage } } : { usage }
}

const FORM_MEMBERS = names('stream stream_options')

/** How clients ask for a stream. OpenAI's streams can become documents only if the usage was asked for. */
const STREAM_OPTIONS: readonly JsonObject[] = [
  { stream: true, stream_options: { include_usage: true } },
  { stream: true },
  { stream: true, stream_options: { include_usage: true, include_obfuscation: false } },
]

/** `stream` and `stream_options` say only which form is wanted. */
export function chunkSiblings({ body }: RequestView): readonly Sibling[] {
  const rest = omit(body, FORM_MEMBERS)
  return body.stream === true ? [{ body: rest }] : STREAM_OPTIONS.map((options) => ({ body: { ...rest, ...options } }))
}
