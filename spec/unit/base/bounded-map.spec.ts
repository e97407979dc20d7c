import { expect, test } from 'vitest'
import { BoundedMap } from '../../../lib/base/bounded-map.ts'

test('a full map forgets all of it when one key too many comes', () => {
  const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2)
  expect([...map.set('c', 3)]).toEqual([['c', 3]])
})

test('a full map takes another value for a key that it has', () => {
  const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2)
  expect([...map.set('a', 3)]).toEqual([
    ['a', 3],
    ['b', 2],
  ])
})
