import { decodeUtf8 } from '../base/bytes.ts'
import { isFilled } from '../providers/formats/read.ts'
import type { Json, JsonObject } from '../base/json.ts'
import { parseJson, isObject } from '../base/json.ts'
import { sumUsage } from './usage-shares.ts'

/** An embeddings answer that is a list of vectors and nothing else. */
export interface VectorAnswer {
  /** The original document, which provides members besides `data` and `usage`, and their order. */
  readonly document: JsonObject
  /** In the order of the texts. `index` still has the provider's value. */
  readonly vectors: readonly JsonObject[]
  /** Numbers and `null`s; `undefined` if the provider counts nothing. */
  readonly usage: JsonObject | undefined
}

/** The vector of one text. */
export interface ItemVector {
  readonly answer: VectorAnswer
  readonly vector: JsonObject
  /** The text's share of the usage. */
  readonly usage: JsonObject | undefined
}

/**
 * Known members. `id`, `created` and `request_id` belong to one answer; the others are equal in all answers that may be
 * joined.
 */
const MEMBERS: ReadonlySet<string> = new Set([
  'object',
  'data',
  'model',
  'usage',
  'id',
  'created',
  'provider',
  'request_id',
])
const VECTOR_MEMBERS: ReadonlySet<string> = new Set(['object', 'index', 'embedding', 'encoding_format'])

/**
 * Reads an answer of `count` vectors. `undefined` in case of doubt: an unknown member, a count or index that does not
 * fit, vectors of different kinds or lengths, usage that is not plain numbers.
 */
export function readVectors(bytes: Uint8Array, count: number): VectorAnswer | undefined {
  const document = parseJson(decodeUtf8(bytes))
  if (!isObject(document) || !hasOnly(document, MEMBERS)) return undefined
  const { data, usage } = document
  const vectors = Array.isArray(data) ? inOrder(data, count) : undefined
  if (vectors === undefined || !areAlike(vectors)) return undefined
  if (usage === undefined || usage === null) return { document, vectors, usage: undefined }
  return isObject(usage) && isPlain(usage) ? { document, vectors, usage } : undefined
}

/** An assembled document. */
export interface Assembled {
  readonly body: Uint8Array
  readonly usage: JsonObject | undefined
}

/**
 * The document for texts in this order. Members that belong to one answer are taken from `newest`. `undefined` if the
 * vectors can't all be from the same model of the same provider.
 */
export function assemble(items: readonly ItemVector[], newest: VectorAnswer): Assembled | undefined {
  if (!areAlike(items.map(({ vector }) => vector))) return undefined
  if (!items.every(({ answer }) => isSameSource(answer.document, newest.document))) return undefined
  const usages = items.map(({ usage }) => usage).filter((usage) => usage !== undefined)
  const usage = sumUsage(usages)
  if (usages.length > 0 && (usages.length < items.length || usage === undefined)) return undefined
  const data = items.map(({ vector }, index): JsonObject => ({ ...vector, index }))
  return { body: write(newest, data, usage), usage }
}

/** The document for a single text. */
export function itemDocument({ answer, vector, usage }: ItemVector): Uint8Array {
  return write(answer, [{ ...vector, index: 0 }], usage)
}

/** Writes to its own memory: a small `Buffer.from` would keep the pool alive from which it is cut. */
function write({ document }: VectorAnswer, data: readonly JsonObject[], usage: JsonObject | undefined): Uint8Array {
  const text = JSON.stringify({ ...document, data, ...(usage !== undefined && { usage }) })
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text))
  bytes.write(text)
  return bytes
}

function inOrder(data: readonly Json[], count: number): JsonObject[] | undefined {
  const byIndex = new Map<unknown, JsonObject>()
  for (const vector of data) if (isVector(vector)) byIndex.set(vector.index, vector)
  const vectors = Array.from({ length: count }, (_, index) => byIndex.get(index) ?? []).flat()
  return data.length === count && vectors.length === count ? vectors : undefined
}

function isVector(value: Json): value is JsonObject {
  return isObject(value) && hasOnly(value, VECTOR_MEMBERS) && lengthOf(value.embedding) !== undefined
}

/** Kind and length of a vector; `undefined` for anything else. */
function lengthOf(embedding: Json | undefined): string | undefined {
  if (!isFilled(embedding)) return undefined
  if (typeof embedding === 'string') return `base64 ${embedding.length}`
  return Array.isArray(embedding) && embedding.every((value) => typeof value === 'number')
    ? `numbers ${embedding.length}`
    : undefined
}

function areAlike(vectors: readonly JsonObject[]): boolean {
  const [first] = vectors
  const length = lengthOf(first?.embedding)
  return vectors.every((vector) => lengthOf(vector.embedding) === length && sameFormat(vector, first))
}

function sameFormat(left: JsonObject, right: JsonObject | undefined): boolean {
  return left.object === right?.object && left.encoding_format === right?.encoding_format
}

function isSameSource(left: JsonObject, right: JsonObject): boolean {
  return left.model === right.model && left.provider === right.provider && left.object === right.object
}

function isPlain(usage: JsonObject): boolean {
  return Object.values(usage).every((value) => value === null || (typeof value === 'number' && value >= 0))
}

function hasOnly(value: JsonObject, names: ReadonlySet<string>): boolean {
  return Object.keys(value).every((name) => names.has(name))
}
