import { type Check, checkMembers, fail, isBoolean, isOneOf } from '../base/check.ts'
import type { Dialect } from './dialects/dialect.ts'

/** What is rewritten in a hit; everything else stays byte for byte. */
export interface Rewrite {
  /**
   * A fresh id, the same in every event and in `X-Generation-Id`; never for a Responses answer that the provider keeps.
   */
  readonly id?: boolean
  /** The current time, the same in every event. */
  readonly created?: boolean
  /** All token counts and costs become 0. */
  readonly usage?: 'zero'
  /** Adds `cached: true` and `similarity`, as FastRouter does. */
  readonly cached?: boolean
}

/** The option `rewrite`: what is rewritten, or the name of a gateway to follow. */
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

/** Checks that a value is `'openrouter'` or an object of known members. */
export function isRewrite(value: unknown, path: string): void {
  if (value === 'openrouter') return
  if (typeof value === 'string') fail(path, "'openrouter' or { id, created, usage, cached }", value)
  checkMembers(value, CHECKS, path)
}

/** The option as an object; `undefined` if nothing is rewritten. */
export function rewriteOf(option: RewriteOption | undefined): Rewrite | undefined {
  if (option === undefined) return undefined
  if (option === 'openrouter') return OPENROUTER
  const { id, created, usage, cached } = option
  return id === true || created === true || usage !== undefined || cached === true ? option : undefined
}

/** What the gateway of this dialect rewrites; `undefined` if nothing. */
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
