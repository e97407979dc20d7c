import { type Check, checkMembers, fail, isNumber } from '../base/check.ts'
import type { EntryMeta } from './entry.ts'

/** Picks entries that fit every member given. An empty filter picks all. */
export interface Filter {
  /** The whole namespace; `''` picks entries without one. */
  readonly namespace?: string
  /** Id of the provider's row: `openai`. */
  readonly provider?: string
  /** The whole name of the model, as calls have it. */
  readonly model?: string
  /** A tag that the entry has, perhaps among others. */
  readonly tag?: string
  /** The whole key: 64 hex digits. */
  readonly key?: string
  /** Seconds since the entry was stored. */
  readonly olderThan?: number
}

/** What a filter looks at. */
export type FilterTarget = Pick<EntryMeta, 'namespace' | 'provider' | 'model' | 'tags' | 'key' | 'storedAt'>

const CHECKS: Readonly<Record<keyof Filter, Check>> = {
  namespace: isString,
  provider: isString,
  model: isString,
  tag: isString,
  key: isString,
  olderThan: isNumber({ min: 0, max: Infinity }),
}

/** Whether a filter picks an entry, at `now` milliseconds since the epoch. */
export function matches(entry: FilterTarget, filter: Filter, now: number): boolean {
  const { namespace, provider, model, tag, key, olderThan } = filter
  return (
    (namespace === undefined || entry.namespace === namespace) &&
    (provider === undefined || entry.provider === provider) &&
    (model === undefined || entry.model === model) &&
    (tag === undefined || entry.tags.includes(tag)) &&
    (key === undefined || entry.key === key) &&
    (olderThan === undefined || now - entry.storedAt > olderThan * 1000)
  )
}

/** Whether a filter has a key and no other member. Every store can delete one key. */
export function isOfOneKey(filter: Filter): filter is Filter & { readonly key: string } {
  const { key, ...rest } = filter
  return key !== undefined && isEmpty(rest)
}

/** Whether a filter has no member: it picks everything. */
export function isEmpty(filter: Filter): boolean {
  return Object.values(filter).every((value) => value === undefined)
}

/**
 * Checks a filter that the app gives. A misspelt member (`tags` for `tag`) would pick everything, and `clear` remove
 * it.
 *
 * @throws TypeError naming the member, what was expected and what came.
 */
export function checkFilter(filter: Filter): void {
  checkMembers(filter, CHECKS, 'filter')
}

/**
 * Checks an entry's key: `undefined` would be no filter at all.
 *
 * @throws TypeError for anything but a string.
 */
export function checkKey(key: string): void {
  isString(key, 'key')
}

function isString(value: unknown, path: string): void {
  if (typeof value !== 'string') fail(path, 'a string', value)
}
