import { type Check, checkMembers, fail, isNumber } from '../base/check.ts'
import type { EntryMeta } from './entry.ts'

/** Selects entries that match every given member. An empty filter selects all. */
export interface Filter {
  /** The exact namespace; `''` selects entries without one. */
  readonly namespace?: string
  /** Id of the provider's row: `openai`. */
  readonly provider?: string
  /** The model's exact name, as in calls. */
  readonly model?: string
  /** One of the entry's tags. */
  readonly tag?: string
  /** The exact key: 64 hex digits. */
  readonly key?: string
  /** Least age in seconds since the entry was stored. */
  readonly olderThan?: number
}

/** The members of an entry that a filter reads. */
export type FilterTarget = Pick<EntryMeta, 'namespace' | 'provider' | 'model' | 'tags' | 'key' | 'storedAt'>

const CHECKS: Readonly<Record<keyof Filter, Check>> = {
  namespace: isString,
  provider: isString,
  model: isString,
  tag: isString,
  key: isString,
  olderThan: isNumber({ min: 0, max: Infinity }),
}

/** Whether an entry matches a filter, at `now` milliseconds since the epoch. */
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

/** Whether a filter has no member, and so selects everything. */
export function isEmpty(filter: Filter): boolean {
  return Object.values(filter).every((value) => value === undefined)
}

/**
 * Checks a filter from the app. With a misspelt member (`tags` for `tag`) it would select everything, and `clear` would
 * remove it.
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
