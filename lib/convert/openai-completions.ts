import type { Json, JsonObject } from '../base/json.ts'
import { list as itemsOf, object, text as textOf, type Value } from '../providers/formats/read.ts'
import type { Conversion } from './conversion.ts'
import { textAt } from './lossy.ts'
import { last, list, nested, rules, text } from './merge.ts'
import { askedChunks, assembleChunks, type ChunkForm, chunkSiblings, splitDocument } from './openai-chunks.ts'
import { piecesOf } from './pieces.ts'

const FORM: ChunkForm = {
  document: 'text_completion',
  chunk: 'text_completion',
  rules: rules({
    text,
    logprobs: nested(rules({ tokens: list, token_logprobs: list, top_logprobs: list, text_offset: list })),
    finish_reason: last,
    stop_reason: last,
  }),
  finish: (choice) => choice,
  split: splitChoice,
}

/**
 * OpenAI's legacy completions, and compatible APIs.
 * https://platform.openai.com/docs/api-reference/completions
 */
export const completionsConversion: Conversion = {
  siblings: chunkSiblings,
  assemble: (events) => assembleChunks(events, FORM),
  split: (document) => splitDocument(document, FORM),
  asked: askedChunks,
}

function* splitChoice(choice: JsonObject): Generator<JsonObject> {
  const { text: whole, logprobs, finish_reason: reason = null, ...rest } = choice
  const { index } = rest
  const chunk = (part: string, tokens: Value): JsonObject => ({
    index,
    text: part,
    ...(logprobs === undefined ? {} : { logprobs: tokens ?? null }),
    finish_reason: null,
  })
  for (const { part, tokens } of splitText(textAt(whole, 'text'), logprobs)) yield chunk(part, tokens)
  yield { ...chunk('', null), ...rest, finish_reason: reason }
}

/** Text with log probabilities is cut where the model's own tokens end. */
function splitText(whole: string, logprobs: Value): { readonly part: string; readonly tokens: Value }[] {
  const texts = itemsOf(object(logprobs).tokens).map((token) => textOf(token) ?? '')
  if (logprobs === undefined || logprobs === null) return piecesOf(whole).map((part) => ({ part, tokens: null }))
  if (texts.join('') !== whole || whole === '') return [{ part: whole, tokens: logprobs }]
  const at = (value: Value, index: number): Json =>
    Array.isArray(value) ? value.slice(index, index + 1) : (value ?? null)
  return texts.map((part, index) => ({
    part,
    tokens: Object.fromEntries(Object.entries(object(logprobs)).map(([name, value]) => [name, at(value, index)])),
  }))
}
