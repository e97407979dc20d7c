import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digest, lengthPrefixed } from '../../../lib/base/digest.ts'

const parts = fc.array(fc.string({ unit: fc.constantFrom('a', '1', ':', '0', '\0'), maxLength: 4 }), { maxLength: 4 })

describe('frame', () => {
  it('is equal for equal parts only', () => {
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        expect(lengthPrefixed(left) === lengthPrefixed(right)).toBe(isDeepStrictEqual(left, right))
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    [['a', 'b'], ['ab']],
    [['a', 'b'], ['a:b']],
    [['a', 'b'], ['a1:b']],
    [[''], []],
    [
      ['', 'a'],
      ['a', ''],
    ],
  ])('tells %j from %j', (left, right) => {
    expect(lengthPrefixed(left)).not.toBe(lengthPrefixed(right))
  })
})

describe('digest', () => {
  it('tells lone surrogates apart', () => {
    expect(digest('\ud800')).not.toBe(digest('\ud801'))
  })
})
