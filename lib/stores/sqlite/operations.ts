import type { FigureBatch } from '../figures.ts'
import type { Removal } from '../removal.ts'
import type { LeaseOperation } from './leases.ts'
import type { QuestionOperation } from './questions.ts'

/** An operation on the file, by the only thread that writes. */
export type Operation =
  | {
      readonly kind: 'write'
      readonly meta: string
      readonly payload: Uint8Array<ArrayBuffer>
      /** Whether earlier removals don't apply to it. */
      readonly isRestored: boolean
    }
  /** Returns how many entries were removed. */
  | { readonly kind: 'remove'; readonly removal: Removal }
  /** How often entries were served, at `at` milliseconds since the epoch. */
  | { readonly kind: 'used'; readonly counts: readonly (readonly [key: string, count: number])[]; readonly at: number }
  | QuestionOperation
  | { readonly kind: 'figures'; readonly batch: FigureBatch }
  /** When it is answered, everything before it has been committed. */
  | { readonly kind: 'flush' }
  /** Returns 1 if it was done, otherwise 0. */
  | LeaseOperation
  /** A reader found the file of that inode damaged. */
  | { readonly kind: 'damaged'; readonly inode: number | undefined }

/** The result of an operation: a number of entries for `remove`, 1 or 0 for a lease, otherwise 0. */
export type Outcome = { readonly count: number } | { readonly error: string }
