import { isObject, type Json, type JsonObject } from '../base/json.ts'
import { isFilled, list as itemsOf, object, type Value } from '../providers/formats/read.ts'
import type { Conversion } from './conversion.ts'
import { indexAt, listAt, lossy, objectAt, textAt } from './lossy.ts'
import { last, list, merge, nested, nothing, type MergeRule, rules, same, skip, text } from './merge.ts'
import { askedChunks, assembleChunks, type ChunkForm, chunkSiblings, splitDocument } from './openai-chunks.ts'
import { piecesOf, piecesWithTokens } from './pieces.ts'

const CALL = rules({
  id: same,
  type: same,
  function: nested(rules({ name: same, arguments: text })),
  custom: nested(rules({ name: same, input: text })),
  // Gemini's thought signature, at its OpenAI-compatible endpoint
  extra_content: same,
})

const toolCalls: MergeRule = (before, next, name) => {
  if (next === null) return before ?? next
  const calls = [...itemsOf(before)]
  for (const part of listAt(next, name)) {
    const { index, ...rest } = objectAt(part, name)
    const at = index === undefined ? placeOfWhole(rest, calls) : indexAt(index, calls.length, name)
    calls[at] = merge(CALL, calls[at], rest)
  }
  return calls
}

/**
 * Mistral leaves out the index when it sends whole calls. A piece of a call without an index could belong to any of
 * them.
 */
function placeOfWhole({ id, function: named }: JsonObject, calls: readonly Json[]): number {
  const isNew = isFilled(id) && calls.every((call) => object(call).id !== id)
  return isNew && isFilled(object(named).name) ? calls.length : lossy('tool_calls.index')
}

const DETAIL = rules({
  type: same,
  index: same,
  id: same,
  format: same,
  signature: same,
  text,
  summary: text,
  data: text,
})

/** Merges OpenRouter's details that have the same index and type. A detail without an index is never merged. */
const reasoningDetails: MergeRule = (before, next, name) => {
  if (next === null) return before ?? next
  const details = [...itemsOf(before)]
  for (const part of listAt(next, name)) {
    const { index, type } = objectAt(part, name)
    const known = details.findIndex(
      (one) => index !== undefined && object(one).index === index && object(one).type === type,
    )
    const at = known === -1 ? details.length : known
    details[at] = merge(DETAIL, details[at], objectAt(part, name))
  }
  return details
}

const MESSAGE = rules({
  role: same,
  content: text,
  refusal: text,
  // DeepSeek, vLLM, Alibaba
  reasoning_content: text,
  // OpenRouter, Groq
  reasoning: text,
  reasoning_details: reasoningDetails,
  annotations: list,
  images: list,
  audio: nothing,
  function_call: nested(rules({ name: same, arguments: text })),
  tool_calls: toolCalls,
  // Mistral repeats the index of the choice.
  index: skip,
  extra_content: same,
})

const CHOICE = rules({
  delta: nested(MESSAGE),
  logprobs: nested(rules({ content: list, refusal: list })),
  finish_reason: last,
  native_finish_reason: last,
  stop_reason: last,
  // SGLang, Together, vLLM
  matched_stop: last,
  seed: same,
  token_ids: nothing,
  // Azure sends `{}` in chunks that were not checked.
  content_filter_results: same,
})

const FORM: ChunkForm = {
  document: 'chat.completion',
  chunk: 'chat.completion.chunk',
  rules: CHOICE,
  finish: ({ delta = {}, ...choice }) => ({ ...choice, message: delta }),
  split: splitChoice,
}

/**
 * OpenAI's chat completions, and compatible APIs.
 * https://platform.openai.com/docs/api-reference/chat-streaming
 */
export const chatConversion: Conversion = {
  siblings: chunkSiblings,
  assemble: (events) => assembleChunks(events, FORM),
  split: (document) => splitDocument(document, FORM),
  formless,
  asked: askedChunks,
}

function* splitChoice(choice: JsonObject): Generator<JsonObject> {
  const { index, message, logprobs, finish_reason: reason = null, ...rest } = choice
  const chunk = ({ delta, tokens = null }: Piece): JsonObject => ({
    index,
    delta,
    ...(logprobs === undefined ? {} : { logprobs: tokens }),
    finish_reason: null,
  })
  for (const piece of splitMessage(objectAt(message, 'message'), logprobs)) yield chunk(piece)
  yield { ...chunk({ delta: {} }), finish_reason: reason, ...rest }
}

/** The part of a message in one chunk, and the log probabilities of its tokens. */
interface Piece {
  readonly delta: JsonObject
  readonly tokens?: Json
}

/** How each member of a message is cut into chunks, in the order in which models write them. */
const LATER: Readonly<Record<string, (value: Value, logprobs: Value) => Iterable<Piece>>> = {
  reasoning_content: (value) => deltas(value, (piece) => ({ reasoning_content: piece })),
  reasoning: (value) => deltas(value, (piece) => ({ reasoning: piece })),
  content: (value, logprobs) => withTokens('content', value, logprobs),
  refusal: (value, logprobs) => withTokens('refusal', value, logprobs),
  function_call: (value) => splitCall(value, 'arguments', (call) => ({ function_call: call })),
  tool_calls: (value) => itemsOf(value).flatMap((call, index) => splitToolCall(objectAt(call, 'tool_calls'), index)),
  annotations: (value = null) => [{ delta: { annotations: value } }],
  images: (value = null) => [{ delta: { images: value } }],
}

function* splitMessage(message: JsonObject, logprobs: Value): Generator<Piece> {
  // OpenRouter sends the same reasoning in two members. They must share a chunk, because SDKs read only one of them in
  // each.
  const isTwice = isFilled(message.reasoning_details)
  if (isFilled(message.reasoning) && isFilled(message.reasoning_content)) lossy('reasoning')
  const later = Object.entries(LATER).filter(([name]) => isFilled(message[name]) && !(isTwice && name === 'reasoning'))
  const opening: Record<string, Value> = { ...message }
  for (const [name] of later) delete opening[name]
  const delta = later.some(([name]) => name === 'content') ? { ...opening, content: '' } : opening
  yield { delta, tokens: isObject(logprobs) ? withoutTokens(logprobs) : null }
  for (const [name, split] of later) yield* split(message[name], logprobs)
}

function deltas(value: Value, delta: (piece: string) => JsonObject): Piece[] {
  return piecesOf(textAt(value, 'text')).map((piece) => ({ delta: delta(piece) }))
}

function withTokens(name: 'content' | 'refusal', value: Value, logprobs: Value): Piece[] {
  const all = itemsOf(object(logprobs)[name])
  const tokensOf = (tokens: readonly Json[]): Json => ({ ...withoutTokens(object(logprobs)), [name]: tokens })
  return piecesWithTokens(textAt(value, name), all).map(({ piece, tokens }) => ({
    delta: { [name]: piece },
    ...(tokens.length === 0 ? {} : { tokens: tokensOf(tokens) }),
  }))
}

/** The log probabilities of a chunk without a token. */
function withoutTokens(logprobs: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(logprobs).map(([name, value]) => [name, isFilled(value) ? null : value]))
}

function splitToolCall(call: JsonObject, index: number): Piece[] {
  const kind = call.custom === undefined ? 'function' : 'custom'
  const part = (fields: JsonObject): JsonObject => ({ tool_calls: [{ index, ...fields }] })
  const opening = (named: JsonObject): JsonObject => part({ ...call, [kind]: named })
  return splitCall(call[kind], kind === 'custom' ? 'input' : 'arguments', opening, (named) => part({ [kind]: named }))
}

/** The first piece of a call has its name and empty arguments. */
function splitCall(
  value: Value,
  member: string,
  opening: (call: JsonObject) => JsonObject,
  later: (call: JsonObject) => JsonObject = opening,
): Piece[] {
  const call = objectAt(value, 'call')
  const pieces = piecesOf(textAt(call[member], member))
  const parts = [opening({ ...call, [member]: '' }), ...pieces.map((piece) => later({ [member]: piece }))]
  return parts.map((delta) => ({ delta }))
}

/** Drops the `index` of tool calls, which DeepSeek sends in documents as well. */
function formless(document: JsonObject): JsonObject {
  const choices = document.choices
  if (!Array.isArray(choices)) return document
  return { ...document, choices: choices.map((choice: Json) => (isObject(choice) ? uncounted(choice) : choice)) }
}

function uncounted(choice: JsonObject): JsonObject {
  const { message } = choice
  if (!isObject(message) || !Array.isArray(message.tool_calls)) return choice
  const calls = message.tool_calls.map((call: Json, position) => {
    const { index, ...rest } = object(call)
    return index === position ? rest : call
  })
  return { ...choice, message: { ...message, tool_calls: calls } }
}
