import { within } from '../base/promises.ts'
import type { Lease } from './lease.ts'
import type { CacheStore } from './store.ts'

/**
 * Asks a store for the lease of a key. `'taken'`: another instance has it. `undefined`: the store fails, or does not
 * answer within `ms` milliseconds.
 */
export async function askForLease(
  store: Pick<CacheStore, 'lease'>,
  key: string,
  ms: number,
): Promise<Lease | 'taken' | undefined> {
  const asked = (async () => store.lease?.(key))()
  try {
    return (await within(ms, asked)) ?? 'taken'
  } catch {
    // A late lease is released: this call goes on without it, and others would wait in vain.
    asked.then((late) => late?.release()).catch(() => undefined)
    return undefined
  }
}
