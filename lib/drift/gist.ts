import stringify from 'fast-json-stable-stringify'
import { isObject, type Json, type JsonObject, parseJson } from '../base/json.ts'

/** The content of an answer without what differs each time (ids, times, counts, reasoning). */
export interface Gist {
  /** Finish reasons and statuses, in order. */
  readonly finish: readonly string[]
  /** Tool calls in order: name, then arguments as canonical JSON. */
  readonly calls: readonly (readonly [name: string, args: string])[]
  readonly text: string
  /** The document itself, if it has none of the above: vectors, scores. */
  readonly other: string
}

/** Members that may differ between equal answers: ids, times, counts, reasoning. */
const SKIPPED = new Set(
  `annotations citations created created_at createTime id item_id logprobs logprobsResult model modelVersion obfuscation
  reasoning reasoning_content reasoning_details responseId role sequence_number service_tier system_fingerprint thinking
  thoughtSignature signature usage usageMetadata metadata metrics`.split(/\s+/),
)
const SKIPPED_TYPES = new Set<Json | undefined>(['reasoning', 'thinking', 'redacted_thinking'])
const FINISH = new Set(
  'finish_reason finishReason stop_reason stopReason done_reason native_finish_reason status'.split(' '),
)
const TEXT = new Set('content text refusal response transcript delta partial_json arguments input'.split(' '))
const ARGUMENTS = ['arguments', 'args', 'input'] as const

interface Draft {
  finish: string[]
  calls: [name: string, args: string][]
  text: string
}

/** Reads an answer: its single document, or the events of its stream in order. */
export function gistOf(documents: readonly Json[]): Gist {
  const draft: Draft = { finish: [], calls: [], text: '' }
  for (const document of documents) visit(document, draft)
  const isEmpty = draft.finish.length === 0 && draft.calls.length === 0 && draft.text === ''
  return { ...draft, other: isEmpty ? stringify(documents.map(essential)) : '' }
}

function visit(value: Json | undefined, draft: Draft): void {
  if (Array.isArray(value)) for (const item of value) visit(item, draft)
  else if (isObject(value)) visitObject(value, draft)
}

function visitObject(value: JsonObject, draft: Draft): void {
  if (SKIPPED_TYPES.has(value.type) || value.thought === true) return
  const call = callOf(value)
  if (call !== undefined) return void draft.calls.push(call)
  for (const [name, member] of Object.entries(value)) {
    if (SKIPPED.has(name)) continue
    if (typeof member !== 'string') visit(member, draft)
    else if (FINISH.has(name)) draft.finish.push(member)
    else if (TEXT.has(name)) draft.text += member
  }
}

function callOf(value: JsonObject): [name: string, args: string] | undefined {
  const { name } = value
  if (typeof name !== 'string') return undefined
  for (const member of ARGUMENTS) {
    const args = value[member]
    if (args !== undefined) return [name, stringify(typeof args === 'string' ? (parseJson(args) ?? args) : args)]
  }
  return undefined
}

function essential(value: Json): Json {
  if (Array.isArray(value)) return value.map(essential)
  if (!isObject(value)) return value
  const kept = Object.entries(value).filter(([name]) => !SKIPPED.has(name))
  return Object.fromEntries(kept.map(([name, member]) => [name, essential(member ?? null)]))
}
