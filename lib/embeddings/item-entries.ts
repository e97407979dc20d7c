import { openaiUsage } from '../providers/formats/usage.ts'
import { codingsOf, decode } from '../wire/codings.ts'
import type { Entry } from '../stores/entry.ts'
import { headerOf } from '../undici/head.ts'
import { type Assembled, itemDocument, readVectors, type VectorAnswer, type ItemVector } from './vector-answer.ts'
import { type Item, sizeOf } from './batch-request.ts'
import { shareUsage } from './usage-shares.ts'

const JSON_HEADERS = ['content-type', 'application/json']

/** Reads an answer of `count` vectors from a body; `undefined` in case of doubt, or above `maxSize` bytes decoded. */
export function readCoded(
  body: Uint8Array,
  headers: readonly string[],
  count: number,
  maxSize: number,
): VectorAnswer | undefined {
  try {
    const bytes = decode(body, codingsOf(headerOf(headers, 'content-encoding')), maxSize)
    return bytes && readVectors(bytes, count)
  } catch {
    return undefined // bytes that are not of that coding, or too many
  }
}

/** The vector in an entry of one text. */
export function vectorOf(entry: Entry, maxSize: number): ItemVector | undefined {
  const answer = readCoded(entry.body, entry.headers, 1, maxSize)
  const [vector] = answer?.vectors ?? []
  return answer && vector && { answer, vector, usage: answer.usage }
}

/** The vectors of an answer to these items, each with its share of the usage. */
export function vectorsOf(answer: VectorAnswer, items: readonly Item[]): ItemVector[] {
  const shares = answer.usage && shareUsage(answer.usage, items.map(sizeOf))
  return answer.vectors.map((vector, at) => ({ answer, vector, usage: shares?.[at] }))
}

/** The entry of one text of the batch `whole`: the answer to a call for that text alone. */
export function itemEntry(whole: Entry, key: string, vector: ItemVector): Entry {
  const body = itemDocument(vector)
  const { itemKeys: _itemKeys, ...meta } = whole
  return { ...meta, key, ...written({ body, usage: vector.usage }, JSON_HEADERS) }
}

/** The entry of a batch assembled from others. It is as old as the oldest of them. */
export function batchEntry(
  first: Entry,
  others: readonly Entry[],
  target: Pick<Entry, 'key' | 'tags' | 'itemKeys'>,
  made: Assembled,
): Entry {
  const headers = [...JSON_HEADERS, 'content-length', String(made.body.length)]
  const duration = Math.max(first.duration, ...others.map((entry) => entry.duration))
  return { ...first, ...target, ...lifetime([first, ...others]), duration, ...written(made, headers) }
}

/** An assembled answer is as old as its oldest source, and expires with the first of them. */
export function lifetime(entries: readonly Entry[]): Pick<Entry, 'storedAt' | 'expiresAt' | 'keptUntil'> {
  return {
    storedAt: Math.min(...entries.map(({ storedAt }) => storedAt)),
    expiresAt: Math.min(...entries.map(({ expiresAt }) => expiresAt)),
    keptUntil: Math.min(...entries.map(({ keptUntil }) => keptUntil)),
  }
}

type Written = Pick<
  Entry,
  'size' | 'usage' | 'status' | 'statusText' | 'headers' | 'rawHeaders' | 'acceptEncoding' | 'body' | 'ends' | 'gaps'
>

function written({ body, usage }: Assembled, headers: readonly string[]): Written {
  return {
    size: body.length,
    usage: openaiUsage(usage),
    status: 200,
    statusText: 'OK',
    headers,
    rawHeaders: undefined,
    acceptEncoding: '',
    body,
    ends: new Uint32Array(),
    gaps: undefined,
  }
}
