import { assess } from '../stores/freshness.ts'
import { isPromiseLike } from '../base/promises.ts'
import { openaiEmbeddings } from '../providers/formats/openai-embeddings.ts'
import { openaiUsage } from '../providers/formats/usage.ts'
import type { Match } from '../providers/provider.ts'
import type { Identified } from '../key/identify.ts'
import type { CachePlan } from '../controls/plan.ts'
import type { Entry } from '../stores/entry.ts'
import type { Access } from '../stores/store.ts'
import type { Tiers } from '../stores/tiers.ts'
import type { Counters } from '../telemetry/stats.ts'
import type { VectorAnswer } from './vector-answer.ts'
import { batchEntry, itemEntry, lifetime, partsOf, readCoded } from './item-entries.ts'
import { PartialCall } from './partial-call.ts'
import { readBatch } from './batch-request.ts'
import { type Items, type NewItems, KnownItems } from './known-items.ts'

/** What batches work with. */
export interface BatchTools {
  readonly tiers: Tiers
  readonly counters: Pick<Counters, 'save'>
  readonly limits: {
    /** Bytes of one answer. */
    readonly maxEntrySize: number
  }
}

/** One call that {@link isBatchable}. */
export interface BatchCall extends BatchTools {
  readonly match: Match
  readonly identity: Identified
  readonly plan: CachePlan
  /** Of the whole call. */
  readonly key: string
  /** The key of another call by the same caller, in the same scope. */
  readonly keyOf: (identity: Identified) => string
  /** What a second tier may know of that caller. */
  readonly access: Access | undefined
}

/** What the cache knows of a batch. */
export type Known =
  /** All of it: the answer. */
  | { readonly use: 'all'; readonly entry: Entry }
  /** A part of it: the call that asks for the rest. */
  | { readonly use: 'some'; readonly call: PartialCall }
  /** Nothing, or nothing that is beyond doubt. */
  | { readonly use: 'none' }

const NONE: Known = Object.freeze({ use: 'none' })

/**
 * Whether a call may be a batch: not at an endpoint that is none of OpenAI's shape, nor where models or hosts share answers
 * (their vectors must never meet in one list).
 */
export function isBatchable({ endpoint }: Match, { share }: CachePlan): boolean {
  return endpoint.format === openaiEmbeddings && !share.anyModel && !share.anyProvider
}

/** What an answer was put together from. */
interface AssembledFrom {
  readonly known: KnownItems
  readonly rest: NewItems
}

const NOTHING: NewItems = new Map()

/**
 * One `input` array of N texts is N answers: what is known comes from the cache, the rest from the provider. Each text is
 * kept as the answer to a call for it alone (`input: "text"`), so that such calls share it. The body is read when something
 * is asked.
 */
export class Batch {
  readonly #call: BatchCall
  /** `null`: not read yet. */
  #read: Items | undefined | null = null
  /** What the answer was put together from, once it is. */
  #assembledFrom: AssembledFrom | undefined

  constructor(call: BatchCall) {
    this.#call = call
  }

  /** Looks the texts up; only fresh ones count. Synchronous where memory stands alone. */
  lookUp(): Known | Promise<Known> {
    const items = this.#items
    if (items === undefined) return NONE
    const keys = [...new Set(items.keys)]
    const entries = keys.map((key) => this.#call.tiers.get(key, this.#call.access))
    if (entries.every(isHere)) return this.#weigh(items, entries)
    return Promise.all(entries).then((found) => this.#weigh(items, found))
  }

  /**
   * Stores the texts of an answer that is about to be stored, and gives back what is to be stored for the whole: it is no
   * younger than its oldest text. `undefined` where a text that it was made of has been cleared meanwhile.
   */
  settle(entry: Entry): Entry | undefined {
    const items = this.#items
    if (items === undefined) return entry
    return this.#assembledFrom === undefined ? this.#split(entry, items) : this.#join(entry, items, this.#assembledFrom)
  }

  get #items(): Items | undefined {
    if (this.#read === null) this.#read = this.#identify()
    return this.#read
  }

  #identify(): Items | undefined {
    const { identity, keyOf } = this.#call
    const body = identity.json()
    const request = body && readBatch(body)
    if (request === undefined) return undefined
    const keys = request.items.map((item) => keyOf(identity.vary({ body: request.bodyFor(item) })))
    return { request, keys }
  }

  #weigh(items: Items, entries: readonly (Entry | undefined)[]): Known {
    const { plan, key, limits } = this.#call
    const now = Date.now()
    const fresh = entries.flatMap((entry) =>
      entry !== undefined && assess(entry, plan, now).use === 'hit' ? entry : [],
    )
    const [only] = fresh
    if (only === undefined) return NONE
    if (items.keys.length === 1) return this.#found({ ...only, key, tags: plan.tags, itemKeys: items.keys }, fresh)
    const known = new KnownItems(items, fresh, limits.maxEntrySize)
    if (known.count === items.keys.length) return this.#assemble(items, known)
    return known.count > 0 && known.fits ? this.#ask(items, known) : NONE
  }

  #assemble({ keys }: Items, known: KnownItems): Known {
    const { key, plan } = this.#call
    const [newest, ...others] = known.entries.toSorted((left, right) => right.storedAt - left.storedAt)
    const answer = newest && known.parts.get(newest.key)?.answer
    const made = answer && known.complete(answer, NOTHING)
    if (newest === undefined || made === undefined) return NONE
    return this.#found(batchEntry(newest, others, { key, tags: plan.tags, itemKeys: keys }, made), known.entries)
  }

  /** Kept, so that the next equal batch needs no work, and so that deleting its key finds its texts. */
  #found(entry: Entry, parts: readonly Entry[]): Known {
    const { tiers, plan, access } = this.#call
    for (const { key } of parts) tiers.hit(key)
    if (plan.write) tiers.set(entry, access)
    return { use: 'all', entry }
  }

  #ask({ request }: Items, known: KnownItems): Known {
    const { maxEntrySize } = this.#call.limits
    const unknown = known.unknown
    const items = [...unknown.values()]
    const complete = (answer: VectorAnswer): Uint8Array | undefined => {
      const parts = partsOf(answer, items)
      const rest = new Map([...unknown.keys()].map((key, at) => [key, parts[at]] as const))
      const made = known.complete(answer, rest)
      if (made !== undefined) this.#noteAssembledFrom({ known, rest })
      return made?.body
    }
    const plan = { count: items.length, maxSize: maxEntrySize, complete }
    return { use: 'some', call: new PartialCall(request.bodyFor(items), known.coverage, plan) }
  }

  #noteAssembledFrom(assembledFrom: AssembledFrom): void {
    this.#assembledFrom = assembledFrom
    const { counters, match, identity } = this.#call
    const usage = openaiUsage(assembledFrom.known.usage)
    counters.save({ provider: match.provider.id, model: identity.facts.model, usage, duration: 0 })
  }

  #split(whole: Entry, { request, keys }: Items): Entry {
    const entry = { ...whole, itemKeys: keys }
    const { tiers, limits, access } = this.#call
    const [key] = keys
    if (keys.length === 1 && key !== undefined) {
      tiers.set({ ...whole, key }, access)
      return entry
    }
    const answer = readCoded(whole.body, whole.headers, keys.length, limits.maxEntrySize)
    if (answer === undefined) return whole
    const parts = partsOf(answer, request.items)
    const byKey = new Map(keys.map((item, at) => [item, parts[at]] as const))
    for (const [item, part] of byKey) if (part !== undefined) tiers.set(itemEntry(whole, item, part), access)
    return entry
  }

  #join(whole: Entry, { keys }: Items, { known, rest }: AssembledFrom): Entry | undefined {
    const { tiers, access } = this.#call
    for (const [item, part] of rest) if (part !== undefined) tiers.set(itemEntry(whole, item, part), access)
    const isCleared = known.entries.some(({ key }) => !tiers.memory.has(key))
    return isCleared ? undefined : { ...whole, ...lifetime([whole, ...known.entries]), itemKeys: keys }
  }
}

function isHere(entry: Entry | undefined | Promise<Entry | undefined>): entry is Entry | undefined {
  return !isPromiseLike(entry)
}
