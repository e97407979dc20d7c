import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { digest, lengthPrefixed } from '../base/digest.ts'
import type { MissReason, Refusal } from '../base/reasons.ts'
import type { Identified } from '../key/identify.ts'
import type { KeyPart } from '../key/key.ts'
import type { EntryMeta } from '../stores/entry.ts'
import type { Filter } from '../stores/filter.ts'
import type { Removal } from '../stores/removal.ts'
import { type Asking, CREDENTIAL, readAsked } from './asked.ts'
import { createDistance, differencesOf } from './differences.ts'
import { History, type PastCall } from './history.ts'

/** Why one call has missed. */
export interface Explanation {
  readonly reason: MissReason
  /** Key of the nearest entry. */
  readonly nearest?: string
  /** Parts in which the call differs from it: `body messages[3].content`, `header openai-beta`. */
  readonly differs: readonly string[]
  /** The same in words, for the log; never holds a text of the call. */
  readonly text: string
  /** In words for the caller itself. It never learns that another caller has asked the same. */
  readonly told: string | undefined
}

/** A call that misses. */
export interface MissedCall {
  readonly key: string
  readonly identity: Identified
  readonly parts: readonly KeyPart[]
  /** The entry under its key, where there is one that is too old. */
  readonly entry: EntryMeta | undefined
}

/** Bytes of digests: some 10,000 calls. */
const MAX_SIZE = 16 * 1024 * 1024

/** How many parts a text names. */
const NAMED = 5
const LONGEST = 400

/** Tells why calls miss, by what was asked before. It keeps keyed digests, within 16 MiB, and no text of a call. */
export class Explainer {
  readonly #history = new History(MAX_SIZE)
  /** Lives as long as this object, and is nowhere else. */
  readonly #secret: KeyObject = createSecretKey(randomBytes(32))

  /** Says why a call misses, and remembers it. */
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

  /** The answer of a call is stored. */
  stored(entry: EntryMeta): void {
    const call = this.#history.get(entry.key)
    if (call === undefined) return
    const { key, provider, model, namespace, tags, storedAt, expiresAt } = entry
    call.fate = 'stored'
    call.entry = { key, provider, model, namespace, tags, storedAt, expiresAt }
  }

  /** The answer of a call was not stored. */
  refused(key: string, reason: Refusal): void {
    const call = this.#history.get(key)
    if (call !== undefined) call.fate = reason === 'cleared' ? 'cleared' : { refused: reason }
  }

  /** An entry had to make room. */
  evicted(key: string): void {
    const call = this.#history.get(key)
    if (call?.fate === 'stored') call.fate = 'evicted'
  }

  /** Entries were taken out. */
  cleared(filter: Filter, now: number): void {
    this.#history.cleared(filter, now)
  }

  /** Another process took entries out. */
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

/** The difference to the nearest call. */
export function differing(nearest: string, differs: readonly string[]): Explanation {
  const more = differs.length > NAMED ? ` and ${differs.length - NAMED} more` : ''
  const text = `differs: ${differs.slice(0, NAMED).join(', ').slice(0, LONGEST)}${more}`
  return { reason: 'differs', nearest, differs, text, told: text }
}

/** Digests of who calls, and of all else. */
function namesOf(parts: readonly KeyPart[]): [caller: string, twin: string] {
  const others = parts.filter(({ name }) => name !== 'caller').map(({ value }) => value)
  return [parts.find(({ name }) => name === 'caller')?.value ?? '', digest(lengthPrefixed(others))]
}

/** What became of the call's own entry; `undefined` where it had none. */
function fateOf(entry: EntryMeta | undefined, past: PastCall | undefined): Explanation | undefined {
  const now = Date.now()
  if (entry !== undefined) return now < entry.expiresAt ? TOO_OLD : expired(now - entry.expiresAt)
  if (past === undefined || past.fate === 'asked') return undefined
  if (typeof past.fate === 'object') return gone('refused', `refused: ${past.fate.refused}`)
  if (past.fate === 'cleared') return gone('cleared', 'cleared')
  const { expiresAt = Infinity } = past.entry ?? {}
  return now < expiresAt ? gone('evicted', 'evicted') : expired(now - expiresAt)
}

function expired(time: number): Explanation {
  return gone('expired', `expired ${Math.floor(time / 1000)} s ago`)
}

/** `max-age` of the call. */
const TOO_OLD = gone('expired', 'older than the call accepts')

function gone(reason: MissReason, text: string): Explanation {
  return { reason, differs: [], text, told: text }
}
