import fc from 'fast-check'
import { expect, test } from 'vitest'
import { piecesOf } from '../../../lib/convert/pieces.ts'
import { codePoint } from '../../support/code-points.ts'

test('a text is cut about where a tokenizer would', () => {
  expect(piecesOf('The quick fox: "jumps"!\n\nExtraordinarily')).toEqual([
    'The',
    ' quick',
    ' fox',
    ':',
    ' "',
    'jumps',
    '"!',
    '\n\nExtraord',
    'inarily',
  ])
})

test('an empty text has no pieces', () => {
  expect(piecesOf('')).toEqual([])
})

test('pieces together are the text, and none ends inside a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: codePoint }), (text) => {
      const pieces = piecesOf(text)
      expect(pieces.join('')).toBe(text)
      expect(pieces.every((piece) => piece.isWellFormed() && piece !== '')).toBe(true)
    }),
  )
})

test('a long text becomes a bounded number of pieces', () => {
  const text = 'word '.repeat(100_000)
  const pieces = piecesOf(text)
  expect(pieces.length).toBeLessThanOrEqual(4096)
  expect(pieces.length).toBeGreaterThan(2048)
  expect(pieces.join('')).toBe(text)
})
