import fc from 'fast-check'
import { expect, test } from 'vitest'
import { writeOver } from '../../../lib/convert/write-over.ts'

const BODY = 'id: ABC at 123, again: ABC at 123.'
/** What, first byte, byte behind the last. */
const PLACES = Uint32Array.from([8, 4, 7, 1, 11, 14, 8, 23, 26, 1, 30, 33])

function written(values: readonly (Uint8Array | undefined)[], cuts: readonly number[] = []): string {
  const ends = [...cuts.toSorted((left, right) => left - right), BODY.length]
  const parts = ends.map((end, at) => {
    const from = ends[at - 1] ?? 0
    const part = Buffer.from(BODY.slice(from, end))
    writeOver(part, from, PLACES, values)
    return part.toString()
  })
  return parts.join('')
}

function values(id: string | undefined, time: string | undefined): (Uint8Array | undefined)[] {
  const all: (Uint8Array | undefined)[] = []
  if (id !== undefined) all[8] = Buffer.from(id)
  if (time !== undefined) all[1] = Buffer.from(time)
  return all
}

test('values stand at their places, and nothing else is touched', () => {
  expect(written(values('xyz', '789'))).toBe('id: xyz at 789, again: xyz at 789.')
  expect(written(values(undefined, '789'))).toBe('id: ABC at 789, again: ABC at 789.')
  expect(written([])).toBe(BODY)
})

test('a body may come in any parts, cut inside of a value too', () => {
  const cut = fc.integer({ min: 0, max: BODY.length })
  fc.assert(
    fc.property(fc.array(cut, { maxLength: 8 }), (cuts) => {
      expect(written(values('xyz', '789'), cuts)).toBe('id: xyz at 789, again: xyz at 789.')
    }),
  )
})
