import type { FigureBatch } from '../figures.ts'
import type { Removal } from '../removal.ts'
import type { LeaseOperation } from './leases.ts'
import type { QuestionOperation } from './questions.ts'

/** Something that is done to the file, by the one thread that writes. */
export type Operation =
  | {
      readonly kind: 'write'
      readonly meta: string
      readonly payload: Uint8Array<ArrayBuffer>
      /** Whether earlier removals don't count against it. */
      readonly isRestored: boolean
    }
  /** Gives how many went. */
  | { readonly kind: 'remove'; readonly removal: Removal }
  /** How often entries were served, at `at` milliseconds since the epoch. */
  | { readonly kind: 'used'; readonly counts: readonly (readonly [key: string, count: number])[]; readonly at: number }
  | QuestionOperation
  | { readonly kind: 'figures'; readonly batch: FigureBatch }
  /** Everything before it has been committed when it is answered. */
  | { readonly kind: 'flush' }
  /** Gives 1 where it was done, else 0. */
  | LeaseOperation
  /** A reader found the file of that inode damaged. */
  | { readonly kind: 'damaged'; readonly inode: number | undefined }

/** The result of an operation: a number of entries for `remove`, 1 or 0 for a lease, else 0. */
export type Outcome = { readonly count: number } | { readonly error: string }
