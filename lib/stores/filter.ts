import { type Check, checkMembers, fail, isNumber } from '../base/check.ts'
import type { Filter } from './store.ts'

const CHECKS: Readonly<Record<keyof Filter, Check>> = {
  namespace: isString,
  provider: isString,
  model: isString,
  tag: isString,
  key: isString,
  olderThan: isNumber({ min: 0, max: Infinity }),
}

/**
 * Checks a filter of the app's. A slip (`tags` for `tag`) would pick everything, and `clear` would take it all away.
 *
 * @throws TypeError naming the member, what was expected and what came.
 */
export function checkFilter(filter: Filter): void {
  checkMembers(filter, CHECKS, 'filter')
}

/**
 * Checks an entry's key: `undefined` would be no filter at all.
 *
 * @throws TypeError for what is no text.
 */
export function checkKey(key: string): void {
  isString(key, 'key')
}

function isString(value: unknown, path: string): void {
  if (typeof value !== 'string') fail(path, 'a text', value)
}
