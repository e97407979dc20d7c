import { type Check, checkMembers, fail, isBoolean, isOneOf } from '../base/check.ts'
import type { Dialect } from './dialects/dialect.ts'

/** What of a hit is rewritten; all else stays byte for byte. */
export interface Rewrite {
  /**
   * A fresh id, the same in every event, in `X-Generation-Id` too; never of a Responses answer that the provider keeps.
   */
  readonly id?: boolean
  /** Now, in every event alike. */
  readonly created?: boolean
  /** Every count of tokens, and the cost, is 0. */
  readonly usage?: 'zero'
  /** `cached: true` and `similarity`, where FastRouter's users look. */
  readonly cached?: boolean
}

/** The option `rewrite`: what is rewritten, or the gateway whose way it is. */
export type RewriteOption = Rewrite | 'openrouter'

/** https://openrouter.ai/docs/guides/features/response-caching */
const OPENROUTER: Rewrite = Object.freeze({ id: true, created: true, usage: 'zero' })
/** https://docs.fastrouter.ai/response-caching */
const FASTROUTER: Rewrite = Object.freeze({ cached: true })

const CHECKS: Readonly<Record<keyof Rewrite, Check>> = {
  id: isBoolean,
  created: isBoolean,
  usage: isOneOf(['zero']),
  cached: isBoolean,
}

/** `'openrouter'` or an object of known members. */
export function isRewrite(value: unknown, path: string): void {
  if (value === 'openrouter') return
  if (typeof value === 'string') fail(path, "'openrouter' or { id, created, usage, cached }", value)
  checkMembers(value, CHECKS, path)
}

/** What an option says, spelled out; `undefined` if nothing is rewritten. */
export function rewriteOf(option: RewriteOption | undefined): Rewrite | undefined {
  if (option === undefined) return undefined
  if (option === 'openrouter') return OPENROUTER
  const { id, created, usage, cached } = option
  return id === true || created === true || usage !== undefined || cached === true ? option : undefined
}

/** How the gateway whose dialect a call speaks would answer; `undefined` if it changes nothing. */
export function rewriteOfDialect(dialect: Dialect | undefined): Rewrite | undefined {
  switch (dialect) {
    case 'openrouter':
      return OPENROUTER
    case 'fastrouter':
      return FASTROUTER
    case 'orq':
    case undefined:
      return undefined
    default:
      return dialect satisfies never
  }
}
