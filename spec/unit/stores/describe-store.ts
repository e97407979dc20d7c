import { describe, test } from 'vitest'
import { storeContract, type StoreCase } from '../../../lib/stores/contract.ts'

/** Runs the contract of every store. `can` picks cases, for a store that can do less. */
export function describeStore(
  name: string,
  open: Parameters<StoreCase['run']>[0],
  can?: (one: StoreCase) => boolean,
): void {
  describe(`${name} as a CacheStore`, () => {
    for (const one of storeContract.filter(can ?? (() => true))) test(one.title, () => one.run(open))
  })
}
