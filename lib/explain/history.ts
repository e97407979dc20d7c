import { LRUCache } from 'lru-cache'
import type { Refusal } from '../base/reasons.ts'
import { type Filter, matches } from '../stores/filter.ts'
import { isRemoved, type Removal } from '../stores/removal.ts'
import type { EntryMeta } from '../stores/entry.ts'
import type { Asked } from './asked.ts'

/** What became of a call's answer. `asked`: it is on its way. */
export type Fate = 'asked' | 'stored' | 'cleared' | 'evicted' | { readonly refused: Refusal }

type Target = Pick<EntryMeta, 'key' | 'provider' | 'model' | 'namespace' | 'tags' | 'storedAt' | 'expiresAt'>

/** One call that was made, by the key of its answer. */
export interface PastCall {
  readonly key: string
  readonly asked: Asked
  /** Calls are only compared with those of their own caller. */
  readonly caller: string
  /** The same for calls that differ in nothing but the credential. */
  readonly twin: string
  fate: Fate
  /** Of its entry, once there was one. */
  entry: Target | undefined
}

/** Of one caller's calls, so many of the last ones are compared with a miss. */
const COMPARED = 1000

// Bytes. What V8 takes for one call beside its names and digests: measured with 10,000 calls.
const OVERHEAD = 900

/** The last calls of one cache, as digests, within a bound of bytes. */
export class History {
  readonly #calls: LRUCache<string, PastCall>
  readonly #callers = new Map<string, Map<string, PastCall>>()
  readonly #twins = new Map<string, PastCall>()

  /** `maxSize`: bytes. */
  constructor(maxSize: number) {
    this.#calls = new LRUCache({
      maxSize,
      sizeCalculation: ({ asked }) => OVERHEAD + asked.names.length + asked.digests.length,
      dispose: (call) => this.#forget(call),
    })
  }

  get size(): number {
    return this.#calls.calculatedSize
  }

  get(key: string): PastCall | undefined {
    return this.#calls.get(key)
  }

  add(call: PastCall): void {
    // What is replaced is forgotten first.
    this.#calls.set(call.key, call)
    if (!this.#calls.has(call.key)) return
    this.#twins.set(call.twin, call)
    const others = this.#callers.get(call.caller)
    if (others === undefined) this.#callers.set(call.caller, new Map([[call.key, call]]))
    else others.set(call.key, call)
  }

  /** The last calls of a caller, the newest first. */
  ofCaller(caller: string): readonly PastCall[] {
    return [...(this.#callers.get(caller)?.values() ?? [])].slice(-COMPARED).toReversed()
  }

  /** A call that differs in the credential alone. */
  twinOf(twin: string): PastCall | undefined {
    return this.#twins.get(twin)
  }

  /** Notes that entries were taken out. */
  cleared(filter: Filter, now: number): void {
    this.#clear((entry) => matches(entry, filter, now), filter.key)
  }

  /** Notes that another process took entries out. */
  removed(removal: Removal): void {
    this.#clear((entry) => isRemoved(entry, removal), removal.filter.key)
  }

  #clear(isGone: (entry: Target) => boolean, key: string | undefined): void {
    const one = key === undefined ? undefined : this.#calls.peek(key)
    const calls = key === undefined ? this.#calls.values() : one === undefined ? [] : [one]
    for (const call of calls) if (call.entry !== undefined && isGone(call.entry)) call.fate = 'cleared'
  }

  #forget(call: PastCall): void {
    if (this.#twins.get(call.twin) === call) this.#twins.delete(call.twin)
    const others = this.#callers.get(call.caller)
    if (others?.get(call.key) === call) others.delete(call.key)
    if (others?.size === 0) this.#callers.delete(call.caller)
  }
}
