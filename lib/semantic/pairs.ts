import { LRUCache } from 'lru-cache'
import { digest, lengthPrefixed } from '../base/digest.ts'
import { atMost } from '../base/lru.ts'
import type { KnownQuestion } from './vector-index.ts'

/** The members of a question that identify it in a pair. */
export type Paired = Pick<KnownQuestion, 'partition' | 'text'>

const MAX_PAIRS = 10_000
const MARK = 16
const MATCH_ID = new RegExp(`^([0-9a-f]{${MARK}})-([0-9a-f]{${MARK}})-([0-9a-f]{64})$`)

/** The id of a match: digests of both questions, and the key of the entry. No text can be derived from it. */
export function matchId(asked: Paired, known: KnownQuestion): string {
  return `${mark(asked)}-${mark(known)}-${known.entry.key}`
}

/** The key of the entry that a match was answered from; `undefined` for anything but a match id. */
export function keyOfMatch(id: string): string | undefined {
  return MATCH_ID.exec(id)?.[3]
}

/** The two questions of a match as one string, the same in either order; `undefined` for anything but a match id. */
export function pairOfMatch(id: string): string | undefined {
  const [, asked, known] = MATCH_ID.exec(id) ?? []
  return asked === undefined || known === undefined ? undefined : pairOfMarks(asked, known)
}

/** Two questions as one string, the same in either order. */
export function pairOf(asked: Paired, known: Paired): string {
  return pairOfMarks(mark(asked), mark(known))
}

function pairOfMarks(one: string, other: string): string {
  return one < other ? `${one}-${other}` : `${other}-${one}`
}

/** Pairs of questions that were rejected: the last 10,000. */
export class RejectedPairs {
  readonly #pairs = new LRUCache<string, true>(atMost(MAX_PAIRS))

  add(pair: string): void {
    this.#pairs.set(pair, true)
  }

  has(asked: Paired, known: Paired): boolean {
    return this.#pairs.size > 0 && this.#pairs.get(pairOf(asked, known)) === true
  }
}

/** Digest of a question; equal for texts that differ only in case and white space. */
function mark({ partition, text }: Paired): string {
  const plain = text.toLowerCase().replace(/\s+/g, ' ').trim()
  return digest(lengthPrefixed([partition, plain])).slice(0, MARK)
}
