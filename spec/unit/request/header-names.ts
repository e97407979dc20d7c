import * as fc from 'fast-check'
import { NOISE } from '../../../lib/request/noise-headers.ts'

/** A name that no table can have: its first word is made up, and so is its last. */
export const unknownName: fc.Arbitrary<string> = fc.stringMatching(/^[a-z]{1,12}$/).map((word) => `x-acme-${word}-q`)

/** Every name of the table, with something made up in the place of `*`. */
export const noiseName: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...NOISE.flatMap(({ names }) => names.split(' '))), fc.stringMatching(/^[0-9]{0,8}$/))
  .map(([name, word]) => name.replace('*', word))
