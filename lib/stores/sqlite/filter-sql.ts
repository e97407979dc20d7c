import type { SQLInputValue } from 'node:sqlite'
import type { Filter } from '../filter.ts'

/** A condition on `entries`, and its values in order. */
export interface Condition {
  readonly sql: string
  readonly values: readonly SQLInputValue[]
}

/** The SQL equivalent of `matches` (filter.ts), at `now` milliseconds since the epoch; each member has an index. */
export function conditionOf(filter: Filter, now: number): Condition {
  const { namespace, provider, model, tag, key, olderThan } = filter
  const parts: [sql: string, value: SQLInputValue | undefined][] = [
    ['namespace = ?', namespace],
    ['provider = ?', provider],
    ['model = ?', model],
    ['id IN (SELECT id FROM tags WHERE tag = ?)', tag],
    ['key = ?', key],
    ['stored_at < ?', olderThan === undefined ? undefined : now - olderThan * 1000],
  ]
  const given = parts.filter(([, value]) => value !== undefined)
  return {
    sql: given.map(([sql]) => ` AND ${sql}`).join(''),
    values: given.map(([, value]) => value ?? null),
  }
}
