import { LRUCache } from 'lru-cache'
import type { Refusal } from '../base/reasons.ts'
import { type Filter, matches } from '../stores/filter.ts'
import { isRemoved, type Removal } from '../stores/removal.ts'
import type { EntryMeta } from '../stores/entry.ts'
import type { Asked } from './asked.ts'

/** What happened to a call's answer. `asked`: it has not arrived yet. */
export type Fate = 'asked' | 'stored' | 'cleared' | 'evicted' | { readonly refused: Refusal }

type Target = Pick<EntryMeta, 'key' | 'provider' | 'model' | 'namespace' | 'tags' | 'storedAt' | 'expiresAt'>

/** An earlier call. */
export interface PastCall {
  readonly key: string
  readonly asked: Asked
  /** The caller. Calls are only compared with calls of the same caller. */
  readonly caller: string
  /** Equal for calls that differ only in the credential. */
  readonly twin: string
  fate: Fate
  /** Metadata of its entry, once there was one. */
  entry: Target | undefined
}

/** How many of a caller's latest calls a miss is compared with. */
const COMPARED = 1000

// Bytes for one call besides its names and digests, measured in V8 with 10,000 calls.
const OVERHEAD = 900

/** The latest calls of one cache, as digests; limited in bytes. */
export class PastCalls {
  readonly #calls: LRUCache<string, PastCall>
  readonly #callers = new Map<string, Map<string, PastCall>>()
  readonly #twins = new Map<string, PastCall>()

  /** @param maxSize limit for all calls together, in bytes */
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
    // `set` calls `dispose` for the call that it replaces before it adds this one.
    this.#calls.set(call.key, call)
    if (!this.#calls.has(call.key)) return
    this.#twins.set(call.twin, call)
    const others = this.#callers.get(call.caller)
    if (others === undefined) this.#callers.set(call.caller, new Map([[call.key, call]]))
    else others.set(call.key, call)
  }

  /** The latest calls of a caller, newest first. */
  ofCaller(caller: string): readonly PastCall[] {
    return [...(this.#callers.get(caller)?.values() ?? [])].slice(-COMPARED).toReversed()
  }

  /** A call that differs only in the credential. */
  twinOf(twin: string): PastCall | undefined {
    return this.#twins.get(twin)
  }

  /** Notes that entries were deleted. */
  cleared(filter: Filter, now: number): void {
    this.#clear((entry) => matches(entry, filter, now), filter.key)
  }

  /** Notes that another process deleted entries. */
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
