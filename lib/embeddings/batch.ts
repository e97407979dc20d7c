import { isPromiseLike } from '../base/promises.ts'
import type { FinderCall, Found, Search } from '../finders/finder.ts'
import { openaiUsage } from '../providers/formats/usage.ts'
import type { Entry } from '../stores/entry.ts'
import type { Counters } from '../telemetry/counters.ts'
import { readBatch } from './batch-request.ts'
import { batchEntry, itemEntry, lifetime, vectorsOf, readCoded } from './item-entries.ts'
import { type Items, KnownItems, type NewItems } from './known-items.ts'
import { PartialCall } from './partial-call.ts'
import type { VectorAnswer } from './vector-answer.ts'

/** What batches need. */
export interface BatchTools {
  /** Largest answer, in bytes. */
  readonly maxEntrySize: number
  readonly counters: Pick<Counters, 'save'>
}

const NONE: Found = Object.freeze({ use: 'none' })

/** The sources of an assembled answer. */
interface AssembledFrom {
  readonly known: KnownItems
  readonly rest: NewItems
}

const NOTHING: NewItems = new Map()

/**
 * One batch: an `input` array of N texts is N answers. Known ones come from the cache, the others from the provider.
 * Each text is stored as the answer to a call for that text alone (`input: "text"`), so that such calls share it. The
 * body is read when it is first needed.
 */
export class Batch implements Search {
  readonly #tools: BatchTools
  readonly #call: FinderCall
  /** `null`: not read yet. */
  #read: Items | undefined | null = null
  /** The sources of the answer, once it is assembled. */
  #assembledFrom: AssembledFrom | undefined

  constructor(tools: BatchTools, call: FinderCall) {
    this.#tools = tools
    this.#call = call
  }

  /** Looks the texts up. */
  find(): Found | Promise<Found> {
    const items = this.#items
    if (items === undefined) return NONE
    const keys = [...new Set(items.keys)]
    const entries = keys.map((key) => this.#call.get(key))
    if (entries.every(isHere)) return this.#weigh(items, entries)
    return Promise.all(entries).then((found) => this.#weigh(items, found))
  }

  /**
   * Stores the texts of an answer, and returns the entry to store for the whole batch, which is as old as its oldest
   * text. `undefined` if one of the texts was cleared in the meantime.
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
    const { identity } = this.#call
    const body = identity.json()
    const request = body && readBatch(body)
    if (request === undefined) return undefined
    const keys = request.items.map((item) => this.#call.keyOf(identity.vary({ body: request.bodyFor(item) })))
    return { request, keys }
  }

  #weigh(items: Items, entries: readonly (Entry | undefined)[]): Found {
    const { plan, key } = this.#call
    const fresh = entries.filter((entry) => entry !== undefined)
    const [only] = fresh
    if (only === undefined) return NONE
    if (items.keys.length === 1) return this.#found({ ...only, key, tags: plan.tags, itemKeys: items.keys }, fresh)
    const known = new KnownItems(items, fresh, this.#tools.maxEntrySize)
    if (known.count === items.keys.length) return this.#assemble(items, known)
    return known.count > 0 && known.fits ? this.#ask(items, known) : NONE
  }

  #assemble({ keys }: Items, known: KnownItems): Found {
    const { key, plan } = this.#call
    const [newest, ...others] = known.entries.toSorted((left, right) => right.storedAt - left.storedAt)
    const answer = newest && known.vectors.get(newest.key)?.answer
    const made = answer && known.complete(answer, NOTHING)
    if (newest === undefined || made === undefined) return NONE
    return this.#found(batchEntry(newest, others, { key, tags: plan.tags, itemKeys: keys }, made), known.entries)
  }

  /** Stores the batch, so that the next equal one needs no work, and deleting its key finds its texts. */
  #found(entry: Entry, items: readonly Entry[]): Found {
    for (const { key } of items) this.#call.hit(key)
    if (this.#call.plan.write) this.#call.set(entry)
    return { use: 'all', entry }
  }

  #ask({ request }: Items, known: KnownItems): Found {
    const { maxEntrySize } = this.#tools
    const unknown = known.unknown
    const items = [...unknown.values()]
    const complete = (answer: VectorAnswer): Uint8Array | undefined => {
      const vectors = vectorsOf(answer, items)
      const rest = new Map([...unknown.keys()].map((key, at) => [key, vectors[at]] as const))
      const made = known.complete(answer, rest)
      if (made !== undefined) this.#noteAssembledFrom({ known, rest })
      return made?.body
    }
    const plan = { count: items.length, maxSize: maxEntrySize, complete }
    return { use: 'some', call: new PartialCall(request.bodyFor(items), known.coverage, plan) }
  }

  #noteAssembledFrom(assembledFrom: AssembledFrom): void {
    this.#assembledFrom = assembledFrom
    const { match, identity, plan } = this.#call
    const usage = openaiUsage(assembledFrom.known.usage)
    const { namespace } = plan
    this.#tools.counters.save({
      provider: match.provider.id,
      model: identity.facts.model,
      namespace,
      usage,
      duration: 0,
    })
  }

  #split(whole: Entry, { request, keys }: Items): Entry {
    const entry = { ...whole, itemKeys: keys }
    const [key] = keys
    if (keys.length === 1 && key !== undefined) {
      this.#call.set({ ...whole, key })
      return entry
    }
    const answer = readCoded(whole.body, whole.headers, keys.length, this.#tools.maxEntrySize)
    if (answer === undefined) return whole
    const vectors = vectorsOf(answer, request.items)
    const byKey = new Map(keys.map((item, at) => [item, vectors[at]] as const))
    for (const [item, vector] of byKey) if (vector !== undefined) this.#call.set(itemEntry(whole, item, vector))
    return entry
  }

  #join(whole: Entry, { keys }: Items, { known, rest }: AssembledFrom): Entry | undefined {
    for (const [item, vector] of rest) if (vector !== undefined) this.#call.set(itemEntry(whole, item, vector))
    const isCleared = known.entries.some(({ key }) => !this.#call.has(key))
    return isCleared ? undefined : { ...whole, ...lifetime([whole, ...known.entries]), itemKeys: keys }
  }
}

function isHere(entry: Entry | undefined | Promise<Entry | undefined>): entry is Entry | undefined {
  return !isPromiseLike(entry)
}
