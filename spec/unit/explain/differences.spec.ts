import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Asked, type Asking, digestsOf } from '../../../lib/explain/asked.ts'
import { createDistance, differencesOf } from '../../../lib/explain/differences.ts'

/** A call as its parts: name and what stands for the digest. */
type Parts = Readonly<Record<string, number>>

function askingOf(parts: Parts): Asking {
  const digests = Buffer.alloc(8 * Object.keys(parts).length)
  for (const [at, value] of Object.values(parts).entries()) digests.writeUInt32LE(value, at * 8 + 4)
  return { names: Object.keys(parts).join('\n'), digests, weights: Object.keys(parts).map((_, at) => at + 1) }
}

/** As the doc comment says it, part by part. */
function distanceByName(asking: Asking, other: Asked): number {
  const [ours, theirs] = [digestsOf(asking), digestsOf(other)]
  const weights = [...ours].map(([name, digest], at) => (theirs.get(name) === digest ? 0 : (asking.weights[at] ?? 0)))
  const more = [...theirs.keys()].filter((name) => !ours.has(name)).length
  return weights.reduce((sum, weight) => sum + weight, 2 * more)
}

const name = fc.constantFrom('credential', 'header a', 'body', 'body a', 'body a[0]', 'body a[1].b', 'body c')
const parts: fc.Arbitrary<Parts> = fc
  .uniqueArray(fc.tuple(name, fc.nat(2)), { selector: ([one]) => one, minLength: 1 })
  .map((list) => Object.fromEntries(list))

test('a distance is the weight of the parts that differ, whatever shapes were measured before', () => {
  fc.assert(
    fc.property(parts, fc.array(parts, { minLength: 1, maxLength: 120 }), (one, others) => {
      const asking = askingOf(one)
      const distanceOf = createDistance(asking)
      for (const other of others.map(askingOf)) {
        const distance = distanceByName(asking, other)
        expect(distanceOf(other, Infinity)).toBe(distance)
        if (distance > 0) expect(distanceOf(other, 1)).toBeGreaterThanOrEqual(1)
      }
    }),
  )
})

test('more shapes than are remembered are measured all the same', () => {
  const asking = askingOf({ credential: 1, 'body a': 1 })
  const distanceOf = createDistance(asking)
  for (let n = 0; n < 250; n++) {
    const other = askingOf({ credential: 1, 'body a': n % 2, [`body x${n}`]: 1 })
    expect(distanceOf(other, Infinity)).toBe(distanceByName(asking, other))
  }
})

test('what differs is named once, at the topmost place that only one of two calls has', () => {
  const differs = (one: Parts, other: Parts): string[] => differencesOf(askingOf(one), askingOf(other))
  expect(differs({ 'body a': 1 }, { 'body a': 1 })).toEqual([])
  expect(differs({ 'body a': 1 }, { 'body a': 2 })).toEqual(['body a'])
  expect(differs({ 'body a': 1 }, { 'body a': 1, 'body b[0].c': 1, 'body b[1].c': 1 })).toEqual(['body b'])
  expect(differs({ 'body b[0]': 1 }, { 'body b[0]': 1, 'body b[1].c': 1, 'body b[1].d': 1 })).toEqual(['body b[1]'])
  expect(differs({ 'header a': 1, 'query b': 1 }, { 'header a': 2 })).toEqual(['header a', 'query b'])
})
