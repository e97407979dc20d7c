import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../base/json.ts'
import type { RequestView } from '../providers/provider.ts'
import { list as itemsOf, object, text as textOf } from '../providers/formats/read.ts'
import type { Conversion, Sibling, StreamEvent } from './conversion.ts'
import { indexAt, known, listAt, names, objectAt, textAt } from './lossy.ts'
import { omit, pick } from './members.ts'
import { last, merge, nested, type MergeRule, rules, same } from './merge.ts'
import { piecesOf } from './pieces.ts'

/**
 * Gemini's `generateContent` and `streamGenerateContent`, the latter as server-sent events or as one JSON array.
 * https://ai.google.dev/api/generate-content
 */
export const geminiConversion: Conversion = {
  siblings,
  form: (request) => (request.query('alt') === 'sse' ? 'sse' : 'json-array'),
  assemble,
  split,
}

/** The path's action and `alt` say only which form is wanted. */
function siblings({ body, params }: RequestView): readonly Sibling[] {
  if (params.action !== 'generateContent') return [{ body, action: 'generateContent', query: { alt: undefined } }]
  return ['sse', undefined].map((alt) => ({ body, action: 'streamGenerateContent', query: { alt } }))
}

const PART = names('text thought thoughtSignature functionCall inlineData fileData executableCode codeExecutionResult')
const TEXT_PART = names('text thought thoughtSignature')
const CALL = names('id name args')

function knownPart(value: Json): JsonObject {
  const part = known(objectAt(value, 'part'), PART, 'part')
  if (part.functionCall !== undefined) known(objectAt(part.functionCall, 'functionCall'), CALL, 'functionCall')
  return part
}

function isText(part: JsonObject): boolean {
  return typeof part.text === 'string' && Object.keys(part).every((name) => TEXT_PART.has(name))
}

/**
 * Text is appended to the previous part if that is text of the same kind without a signature: a signature ends a part.
 * Empty text without a signature is dropped; some chunks of a stream hold nothing else.
 */
const parts: MergeRule = (before, next, name) => {
  const all = [...itemsOf(before)]
  for (const item of listAt(next, name)) {
    const part = knownPart(item)
    const open = object(all.at(-1))
    const isMore =
      isText(part) &&
      isText(open) &&
      open.thoughtSignature === undefined &&
      isDeepStrictEqual(open.thought, part.thought)
    if (isMore) all[all.length - 1] = { ...open, ...part, text: textAt(open.text, name) + textAt(part.text, name) }
    else if (!isText(part) || part.text !== '' || part.thoughtSignature !== undefined) all.push(part)
  }
  return all
}

const CANDIDATE = rules({
  index: same,
  content: nested(rules({ role: same, parts })),
  finishReason: last,
  finishMessage: last,
  tokenCount: last,
  safetyRatings: same,
  citationMetadata: same,
  groundingMetadata: same,
  urlContextMetadata: same,
  avgLogprobs: same,
  logprobsResult: same,
})

const candidates: MergeRule = (before, next, name) => {
  const all = [...itemsOf(before)]
  for (const [position, item] of listAt(next, name).entries()) {
    const candidate = objectAt(item, name)
    const at = indexAt(candidate.index ?? position, all.length, 'index')
    all[at] = merge(CANDIDATE, all[at], candidate)
  }
  return all
}

const CHUNK = rules({
  candidates,
  promptFeedback: same,
  // Each chunk repeats the counts so far.
  usageMetadata: (before, next, name) => ({ ...object(before), ...objectAt(next, name) }),
  modelVersion: same,
  responseId: same,
  createTime: same,
  modelStatus: same,
})

function assemble(events: readonly StreamEvent[]): JsonObject {
  let document: JsonObject = {}
  for (const { data } of events) document = merge(CHUNK, document, objectAt(data, 'chunk'))
  return document
}

const EACH = names('modelVersion responseId createTime')
const FIRST = names('promptFeedback modelStatus')
const OPEN = names('index content')

function split(document: JsonObject): readonly StreamEvent[] {
  const each = pick(document, EACH)
  const all = listAt(document.candidates, 'candidates').flatMap((one) => splitCandidate(objectAt(one, 'candidate')))
  return all.map((candidate, at) => ({
    data: {
      candidates: [candidate],
      ...(at === 0 ? pick(document, FIRST) : {}),
      ...(at === all.length - 1 ? pick(document, USAGE) : {}),
      ...each,
    },
  }))
}

const USAGE = names('usageMetadata')

function splitCandidate(candidate: JsonObject): JsonObject[] {
  const { parts: whole, ...content } = object(candidate.content)
  const pieces = itemsOf(whole).flatMap((part) => splitPart(knownPart(part)))
  const place = pick(candidate, new Set(['index']))
  const chunks = pieces.map((part) => ({ content: { parts: [part], ...content }, ...place }))
  const finish = omit(candidate, OPEN)
  const end = chunks.at(-1) ?? pick(candidate, OPEN)
  return [...chunks.slice(0, -1), { ...end, ...finish }]
}

/** Signed text becomes its pieces, then an empty text with the signature. */
function splitPart(part: JsonObject): JsonObject[] {
  if (!isText(part)) return [part]
  const { text, thoughtSignature: signature, ...kind } = part
  const pieces: JsonObject[] = piecesOf(textOf(text) ?? '').map((piece) => ({ text: piece, ...kind }))
  return signature === undefined ? pieces : [...pieces, { text: '', ...kind, thoughtSignature: signature }]
}
