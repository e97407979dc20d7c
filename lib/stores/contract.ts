import { answerCases } from './contract/answers.ts'
import { exportCases } from './contract/exports.ts'
import { figureCases } from './contract/figures.ts'
import { listingCases } from './contract/listing.ts'
import { questionCases } from './contract/questions.ts'
import { removalCases } from './contract/removals.ts'
import type { StoreCase } from './contract/store-case.ts'

export { accessOf, makeEntry } from './contract/example-entry.ts'
export type { StoreCase } from './contract/store-case.ts'

/**
 * The contract that every store fulfils, for any test runner (vitest, jest, node:test):
 *
 * ```ts for (const { title, run } of storeContract) test(title, () => run(openStore)) ```
 */
export const storeContract: readonly StoreCase[] = [
  ...answerCases,
  ...removalCases,
  ...listingCases,
  ...exportCases,
  ...figureCases,
  ...questionCases,
]
