import { expect, test } from 'vitest'
import { bindMethods } from '../../../lib/base/bind-methods.ts'

class Counter {
  #count = 0

  next(): number {
    return ++this.#count
  }
}

test('a method works alone, behind a Proxy, and as that of a prototype', () => {
  const counter = bindMethods(new Counter())
  const { next } = counter
  expect([next(), new Proxy(counter, {}).next(), Object.create(counter).next()]).toEqual([1, 2, 3])
})
