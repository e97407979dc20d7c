import { crypto } from '../base/crypto.ts'
import { afterLength } from '../base/digest.ts'
import type { Match } from '../providers/provider.ts'
import { stablePart } from './credential.ts'
import type { HeaderPair, RequestHeaders } from '../request/headers.ts'
import { SYNC_LIMIT, updateSliced, updateSlicedText } from './sliced-hash.ts'

/** A request without its body. */
export interface RequestHead {
  readonly match: Match
  readonly method: string
  readonly headers: Pick<RequestHeaders, 'semantic' | 'credentials'>
  /** The hashed result of `identity`, which replaces the credentials; `undefined` without that option. */
  readonly identity: string | undefined
}

/**
 * Ids of requests: SHA-256 over head, body and the body's size. The size tells where the body begins, so that no part
 * of a head can be taken for a part of a body. An id is never shown; it has one character for each byte, which saves
 * 0.6 MB for 20,000 ids compared with hex.
 */
export class RequestIds {
  /** The bytes of the last head, then those of a small body: one call into the hash is cheaper than three. */
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH)
  /** The head in the scratch. Most calls have the same head as the one before, and writing it takes 1 µs. */
  #last: RequestHead | undefined
  #headSize = 0

  /** The id of a request; `undefined` if the body is larger than 256 kB. */
  of(head: RequestHead, body: string | Uint8Array): string | undefined {
    // In UTF-8, a string has at least as many bytes as UTF-16 units.
    if (body.length > SYNC_LIMIT) return undefined
    if (fitsScratch(body) && this.#write(head)) return this.#small(body)
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    if (bytes.length > SYNC_LIMIT) return undefined
    return crypto()
      .createHash('sha256')
      .update(textOf(head))
      .update(bytes)
      .update(sizeBytes(bytes.length))
      .digest('binary')
  }

  /** The id for a body of any size, computed in slices with a turn of the event loop between them. */
  async ofLarge(head: RequestHead, body: string | Uint8Array): Promise<string> {
    const hashed = crypto().createHash('sha256').update(textOf(head))
    if (typeof body !== 'string') await updateSliced(hashed, body)
    // Other calls use the scratch between the slices, and rely on the head in it.
    const isText = typeof body === 'string'
    const size = isText ? await updateSlicedText(hashed, body, this.#scratch.subarray(HEAD_ROOM)) : body.length
    return hashed.update(sizeBytes(size)).digest('binary')
  }

  /** Writes the head to the start of the scratch, unless it is already there; `false` if it is too large. */
  #write(head: RequestHead): boolean {
    if (this.#last !== undefined && isSame(this.#last, head)) return true
    const text = textOf(head)
    if (text.length * UTF8 > HEAD_ROOM) return false
    this.#headSize = this.#scratch.write(text)
    this.#last = head
    return true
  }

  /**
   * Hashes a small body. A string is written directly into the scratch: 0.04 µs for 2 kB, compared with 0.4 for its own
   * Buffer.
   */
  #small(body: string | Uint8Array): string {
    const scratch = this.#scratch
    const start = this.#headSize
    const size = typeof body === 'string' ? scratch.write(body, start) : body.length
    if (typeof body !== 'string') scratch.set(body, start)
    scratch.writeUInt32LE(size, start + size)
    return crypto().hash('sha256', scratch.subarray(0, start + size + SIZE), 'binary')
  }
}

const SCRATCH = 256 * 1024
const HEAD_ROOM = 16 * 1024
/** Bytes above which an additional call into the hash is cheaper than a copy. */
const MOVED = 64 * 1024
/** Bytes for the body's size. */
const SIZE = 4
/** Most bytes in UTF-8 for one UTF-16 unit. */
const UTF8 = 3

function fitsScratch(body: string | Uint8Array): boolean {
  if (typeof body !== 'string') return body.length <= MOVED
  return body.length * UTF8 <= SCRATCH - HEAD_ROOM - SIZE
}

function sizeBytes(size: number): Buffer {
  const bytes = Buffer.allocUnsafe(SIZE)
  bytes.writeUInt32LE(size)
  return bytes
}

function isSame(last: RequestHead, next: RequestHead): boolean {
  return (
    last.method === next.method &&
    isSameMatch(last.match, next.match) &&
    last.identity === next.identity &&
    isSameList(last.headers.semantic, next.headers.semantic) &&
    isSameList(last.headers.credentials, next.headers.credentials)
  )
}

function isSameMatch(last: Match, next: Match): boolean {
  if (last === next) return true
  return last.origin === next.origin && last.pathname === next.pathname && last.search === next.search
}

function isSameList(last: readonly HeaderPair[], next: readonly HeaderPair[]): boolean {
  return last.length === next.length && last.every(([name, value], at) => isPair(next[at], name, value))
}

function isPair(pair: HeaderPair | undefined, name: string, value: string): boolean {
  return pair !== undefined && pair[0] === name && pair[1] === value
}

/**
 * Everything besides the body that facts and key depend on, each piece preceded by its length. Contains credentials:
 * only for hashing. Appending piece by piece takes 0.2 µs; joining a list of them takes 0.6.
 */
function textOf({ match, method, headers, identity }: RequestHead): string {
  const { credentials, semantic } = headers
  let head = afterLength(method) + afterLength(match.origin) + afterLength(match.pathname) + afterLength(match.search)
  head += `${semantic.length};`
  for (const [name, value] of semantic) head += afterLength(name) + afterLength(value)
  if (identity !== undefined) return `${head}=${identity}`
  for (const [name, value] of credentials) head += afterLength(name) + afterLength(stablePart(value))
  return head
}
