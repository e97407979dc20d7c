import { CLOCK_SKEW } from '../freshness.ts'
import { LEASE } from '../lease.ts'
import type { OpenFile } from './open-file.ts'

/** An operation on a key's lease, by the holder of a token. */
export interface LeaseOperation {
  readonly kind: 'lease'
  readonly act: 'take' | 'renew' | 'release'
  readonly key: string
  readonly token: string
}

/** Milliseconds. A lease that ends later was taken while the clock was ahead, and would block its key for as long. */
const LONGEST = LEASE * 1000 + CLOCK_SKEW

// Anyone may take an expired lease; only its holder's token renews or releases one.
const TAKE = `INSERT INTO leases (key, token, until) VALUES (?, ?, ?)
  ON CONFLICT (key) DO UPDATE SET token = excluded.token, until = excluded.until WHERE until <= ? OR until > ?`
const RENEW = 'UPDATE leases SET until = ? WHERE key = ? AND token = ? AND until > ?'
const RELEASE = 'DELETE FROM leases WHERE key = ? AND token = ?'

/** Returns 1 if it was done, otherwise 0. */
export function applyLease(file: OpenFile, { act, key, token }: LeaseOperation, now: number): number {
  const until = now + LEASE * 1000
  switch (act) {
    case 'take':
      return file.run(TAKE, key, token, until, now, now + LONGEST)
    case 'renew':
      return file.run(RENEW, until, key, token, now)
    case 'release':
      return file.run(RELEASE, key, token)
    default:
      return act satisfies never
  }
}

/** Whether somebody has the lease of a key. */
export function isLeased(file: OpenFile, key: string, now: number): boolean {
  const held = 'SELECT 1 FROM leases WHERE key = ? AND until > ? AND until <= ?'
  return file.get(held, key, now, now + LONGEST) !== undefined
}

/** Deletes leases that were never released. */
export function forgetLeases(file: OpenFile, now: number): void {
  file.run('DELETE FROM leases WHERE until <= ?', now)
}
