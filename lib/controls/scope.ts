import { AsyncLocalStorage } from 'node:async_hooks'
import { type Check, checkMembers, fail, isBoolean, isInteger, isOneOf, isText, isTextList } from '../base/check.ts'
import {
  type Directives,
  type Mode,
  MODES,
  NO_DIRECTIVES,
  SAMPLES_RANGE,
  TTL_RANGE,
  VARIANT_RANGE,
} from './directives.ts'
import { isRewrite, type RewriteOption } from './rewrite.ts'
import { type Hosted, HOSTED } from './hosted.ts'
import { SEMANTIC_SWITCHES, type SemanticSwitch } from './semantic.ts'

/** What `cache.with` sets for every call inside it. A header of the call itself wins. */
export interface ScopeDirectives {
  /** As the header `x-llm-cache`: `on`, `bypass`, `refresh`, `read-only` or `only`. */
  readonly mode?: Mode | undefined
  /** Seconds, 1 … 2,592,000; 0 is a bypass. */
  readonly ttl?: number | undefined
  /** 1 … 256 characters. */
  readonly namespace?: string | undefined
  /** 1 … 256 characters each. */
  readonly tags?: readonly string[] | undefined
  /** From 0 on: the n-th stable sample of one prompt. */
  readonly variant?: number | undefined
  /** 1 … 1000 different answers to one prompt, handed out in turn. */
  readonly samples?: number | undefined
  /** Whether an SDK's own retry must not get the answer that caused it. */
  readonly retryAware?: boolean | undefined
  /** Whether a miss may be answered from the entry of the other form, stream or JSON. */
  readonly crossMode?: boolean | undefined
  /** What is rewritten in a hit. */
  readonly rewrite?: RewriteOption | undefined
  /** Whether a call that looks outside (hosted tools, search models, text kept at the provider) is cached. */
  readonly hosted?: Hosted | undefined
  /** Whether a question with the same meaning may supply the answer. */
  readonly semantic?: SemanticSwitch | undefined
  /** Whether a miss says why. */
  readonly explain?: boolean | undefined
}

const CHECKS: Readonly<Record<keyof ScopeDirectives, Check>> = {
  mode: isOneOf(MODES),
  ttl: isInteger({ min: 0, max: TTL_RANGE.max }),
  namespace: isText,
  tags: isTextList,
  variant: isInteger(VARIANT_RANGE),
  samples: isInteger(SAMPLES_RANGE),
  retryAware: isBoolean,
  crossMode: isBoolean,
  rewrite: isRewrite,
  hosted: isOneOf(HOSTED),
  semantic: isOneOf(SEMANTIC_SWITCHES),
  explain: isBoolean,
}

/** The scopes of one cache instance. */
export interface Scope {
  /**
   * Runs `fn` with directives for every call that starts inside it, now or later, and returns what it returns. Inside
   * another scope they merge: the inner one wins, member by member.
   *
   * @throws TypeError naming the path (`directives.ttl`), what was expected and the type of what came.
   */
  run<Result>(directives: ScopeDirectives, fn: () => Result): Result
  /** The directives of the current scope. */
  current(): Directives
}

/**
 * Makes the scopes of one cache instance: two caches never see each other's. They follow promises, timers and callbacks
 * (https://nodejs.org/api/async_context.html), so unmodified SDK code inside is reached.
 */
export function createScope(): Scope {
  const storage = new AsyncLocalStorage<Directives>()
  return {
    run(directives, fn) {
      checkMembers(directives, CHECKS, 'directives')
      if (typeof fn !== 'function') fail('fn', 'a function', fn)
      return storage.run(Object.freeze({ ...storage.getStore(), ...present(directives) }), fn)
    },
    current: () => storage.getStore() ?? NO_DIRECTIVES,
  }
}

/** A copy without members that are `undefined`, which must not replace those of an outer scope. */
function present(directives: ScopeDirectives): Directives {
  const { mode, ttl, namespace, tags, variant, samples, retryAware, hosted, crossMode, rewrite } = directives
  const { semantic, explain } = directives
  return {
    ...(mode !== undefined && { mode }),
    ...(ttl !== undefined && { ttl }),
    ...(namespace !== undefined && { namespace }),
    ...(tags !== undefined && { tags: [...tags] }),
    ...(variant !== undefined && { variant }),
    ...(samples !== undefined && { samples }),
    ...(retryAware !== undefined && { retryAware }),
    ...(crossMode !== undefined && { crossMode }),
    ...(rewrite !== undefined && { rewrite }),
    ...(hosted !== undefined && { hosted }),
    ...(semantic !== undefined && { semantic }),
    ...(explain !== undefined && { explain }),
  }
}
