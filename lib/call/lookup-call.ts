import type { CachePlan } from '../controls/plan.ts'
import type { FinderCall } from '../finders/finder.ts'
import type { Identified } from '../key/identified-call.ts'
import { type KeyPart, type KeyScope, PLAIN_SCOPE } from '../key/key.ts'
import type { Match } from '../providers/provider.ts'
import type { Entry } from '../stores/entry.ts'
import { assess } from '../stores/freshness.ts'
import type { CallQuestions } from '../stores/question-tier.ts'
import type { Access } from '../stores/store.ts'
import { isPromiseLike } from '../base/promises.ts'
import type { Asker } from './asker.ts'
import type { CacheContext } from './context.ts'
import { chooseSample } from './sample-turns.ts'

/** A call with its key, and the parts of the cache that the call may use, for the lookup and the finders. */
export class LookupCall implements FinderCall {
  readonly match: Match
  readonly identity: Identified
  readonly plan: CachePlan
  readonly key: string
  readonly #context: CacheContext
  /** What a second tier may know of the caller. */
  readonly access: Access | undefined
  readonly #scope: KeyScope

  constructor({ context, match }: Asker, identity: Identified, plan: CachePlan) {
    this.match = match
    this.identity = identity
    this.plan = plan
    this.#context = context
    const variant = plan.samples > 1 ? chooseSample(context, plan, (n) => identity.key(scopeOf(plan, n))) : plan.variant
    this.#scope = scopeOf(plan, variant)
    this.key = identity.key(this.#scope)
    this.access = context.tiers.hasStore ? identity.access(this.#scope) : undefined
  }

  get isDurable(): boolean {
    return this.#context.tiers.keeps(this.access)
  }

  get questions(): CallQuestions | undefined {
    return this.#context.tiers.questions(this.access)
  }

  /** The parts of the call's own key. */
  parts(): readonly KeyPart[] {
    return this.identity.parts(this.#scope)
  }

  keyOf(identity: Identified): string {
    return identity.key(this.#scope)
  }

  get(key: string): Entry | undefined | Promise<Entry | undefined> {
    const entry = this.#context.tiers.get(key, this.access)
    return isPromiseLike(entry) ? entry.then((found) => this.#fresh(found)) : this.#fresh(entry)
  }

  has(key: string): boolean {
    return this.#context.tiers.memory.has(key)
  }

  set(entry: Entry): void {
    this.#context.tiers.set(entry, this.access)
  }

  hit(key: string): void {
    this.#context.tiers.hit(key)
  }

  #fresh(entry: Entry | undefined): Entry | undefined {
    return entry !== undefined && assess(entry, this.plan, Date.now()).use === 'hit' ? entry : undefined
  }
}

function scopeOf({ namespace, share }: CachePlan, variant: number): KeyScope {
  const { anyModel, anyProvider, cacheKey } = share
  if (variant === 0 && namespace === '' && cacheKey === undefined && !anyModel && !anyProvider) return PLAIN_SCOPE
  const scope = { namespace, variant, anyModel, anyProvider }
  return cacheKey === undefined ? scope : { ...scope, cacheKey }
}
