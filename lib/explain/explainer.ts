import type { KeyObject } from 'node:crypto'
import { crypto } from '../base/crypto.ts'
import { digest, lengthPrefixed } from '../base/digest.ts'
import type { MissReason, Refusal } from '../base/reasons.ts'
import type { Identified } from '../key/identified-call.ts'
import type { KeyPart } from '../key/key.ts'
import type { EntryMeta } from '../stores/entry.ts'
import type { Filter } from '../stores/filter.ts'
import { isFromFuture } from '../stores/freshness.ts'
import type { Removal } from '../stores/removal.ts'
import { type Asking, CREDENTIAL, readAsked } from './asked.ts'
import { createDistance, differencesOf } from './differences.ts'
import { PastCalls, type PastCall } from './past-calls.ts'

/** Why one call missed. */
export interface Explanation {
  readonly reason: MissReason
  /** Key of the nearest entry. */
  readonly nearest?: string
  /** Parts in which the call differs from the nearest entry: `body messages[3].content`, `header openai-beta`. */
  readonly differs: readonly string[]
  /** The same in words, for the log. Never holds a prompt or a credential. */
  readonly text: string
  /** In words, for the answer; `undefined` to say nothing. Never reveals that another caller asked the same. */
  readonly told: string | undefined
}

/** A call that misses. */
export interface MissedCall {
  readonly key: string
  readonly identity: Identified
  readonly parts: readonly KeyPart[]
  /** The entry under the call's key, if there is one that is too old. */
  readonly entry: EntryMeta | undefined
}

/** Memory limit for past calls, in bytes: about 10,000 calls. */
const MAX_SIZE = 16 * 1024 * 1024

/** How many parts an explanation in words names. */
const NAMED = 5
const LONGEST = 400

/** Explains misses by comparing them with earlier calls. Keeps keyed digests of these, at most 16 MiB, and no text. */
export class Explainer {
  readonly #history = new PastCalls(MAX_SIZE)
  /** Key of the digests. Since it exists only here, digests are meaningless once the cache is gone. */
  readonly #secret: KeyObject = crypto().createSecretKey(crypto().randomBytes(32))

  /** Explains a miss, and remembers the call for later ones. */
  explain({ key, identity, parts, entry }: MissedCall): Explanation {
    const asking = readAsked(identity, parts, this.#secret)
    const past = this.#history.get(key)
    const [caller, twin] = namesOf(parts)
    const why = fateOf(entry, past) ?? this.#compare(key, asking, caller, twin)
    const { names, digests } = asking
    const fate = past?.fate ?? 'asked'
    this.#history.add({ key, asked: { names, digests }, caller, twin, fate, entry: past?.entry })
    return why
  }

  /** Notes that the answer of a call was stored. */
  stored(entry: EntryMeta): void {
    const call = this.#history.get(entry.key)
    if (call === undefined) return
    const { key, provider, model, namespace, tags, storedAt, expiresAt } = entry
    call.fate = 'stored'
    call.entry = { key, provider, model, namespace, tags, storedAt, expiresAt }
  }

  /** Notes that the answer of a call was not stored, and why. */
  refused(key: string, reason: Refusal): void {
    const call = this.#history.get(key)
    if (call !== undefined) call.fate = reason === 'cleared' ? 'cleared' : { refused: reason }
  }

  /** Notes that an entry was evicted. */
  evicted(key: string): void {
    const call = this.#history.get(key)
    if (call?.fate === 'stored') call.fate = 'evicted'
  }

  /** Notes that entries were deleted. */
  cleared(filter: Filter, now: number): void {
    this.#history.cleared(filter, now)
  }

  /** Notes that another process deleted entries. */
  removed(removal: Removal): void {
    this.#history.removed(removal)
  }

  #compare(key: string, asking: Asking, caller: string, twin: string): Explanation {
    const nearest = this.#nearest(key, asking, caller)
    const own = nearest === undefined ? UNKNOWN : differing(nearest.key, differencesOf(asking, nearest.asked))
    const other = this.#history.twinOf(twin)
    if (other === undefined || other.caller === caller || other.fate !== 'stored') return own
    return { ...differing(other.key, [CREDENTIAL]), told: own.told }
  }

  #nearest(key: string, asking: Asking, caller: string): PastCall | undefined {
    let nearest: PastCall | undefined
    let least = Infinity
    const distanceOf = createDistance(asking)
    for (const call of this.#history.ofCaller(caller)) {
      if (call.key === key || call.entry === undefined) continue
      const distance = distanceOf(call.asked, least)
      if (distance < least) [nearest, least] = [call, distance]
    }
    return nearest
  }
}

const UNKNOWN: Explanation = Object.freeze({
  reason: 'unknown',
  differs: [],
  text: 'not asked before',
  told: undefined,
})

/** The explanation for a call that differs from an earlier one. */
export function differing(nearest: string, differs: readonly string[]): Explanation {
  const more = differs.length > NAMED ? ` and ${differs.length - NAMED} more` : ''
  const text = `differs: ${differs.slice(0, NAMED).join(', ').slice(0, LONGEST)}${more}`
  return { reason: 'differs', nearest, differs, text, told: text }
}

/** Digests that identify the caller, and everything else in the key. */
function namesOf(parts: readonly KeyPart[]): [caller: string, twin: string] {
  const others = parts.filter(({ name }) => name !== 'caller').map(({ value }) => value)
  return [parts.find(({ name }) => name === 'caller')?.value ?? '', digest(lengthPrefixed(others))]
}

/** What happened to the entry under the call's own key; `undefined` if there was none. */
function fateOf(entry: EntryMeta | undefined, past: PastCall | undefined): Explanation | undefined {
  const now = Date.now()
  if (entry !== undefined) return fateOfStored(entry, now)
  if (past === undefined || past.fate === 'asked') return undefined
  if (typeof past.fate === 'object') return gone('refused', `refused: ${past.fate.refused}`)
  if (past.fate === 'cleared') return gone('cleared', 'cleared')
  const { expiresAt = Infinity } = past.entry ?? {}
  return now < expiresAt ? gone('evicted', 'evicted') : expired(now - expiresAt)
}

function fateOfStored(entry: EntryMeta, now: number): Explanation {
  if (isFromFuture(entry, now)) return FROM_FUTURE
  return now < entry.expiresAt ? TOO_OLD : expired(now - entry.expiresAt)
}

function expired(time: number): Explanation {
  return gone('expired', `expired ${Math.floor(time / 1000)} s ago`)
}

/** Older than the `max-age` of the call. */
const TOO_OLD = gone('expired', 'older than the call accepts')
const FROM_FUTURE = gone('expired', 'stored while a clock was ahead')

function gone(reason: MissReason, text: string): Explanation {
  return { reason, differs: [], text, told: text }
}
