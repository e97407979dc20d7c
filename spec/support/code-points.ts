import * as fc from 'fast-check'

const SURROGATES = { from: 0xd800, count: 0x800 }

/**
 * Any character: what `'binary'` means to {@link fc.string}, which makes a table of them all to shrink with: a second
 * and 100 MB in each process.
 */
export const codePoint: fc.Arbitrary<string> = fc.nat(0x10ffff - SURROGATES.count).map(
  (at) => String.fromCodePoint(at < SURROGATES.from ? at : at + SURROGATES.count),
  (text) => {
    if (typeof text !== 'string' || [...text].length !== 1 || !text.isWellFormed()) throw new Error('not one character')
    const point = text.codePointAt(0) ?? 0
    return point < SURROGATES.from ? point : point - SURROGATES.count
  },
)
