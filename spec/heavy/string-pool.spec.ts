import { expect, test } from 'vitest'
import { StringPool } from '../../lib/base/string-pool.ts'
import { bytesInUse } from './heap.ts'

const MB = 1_000_000

/** A string of its own, however often it has been made before. */
function fresh(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

test('a text that is shared is the same text', () => {
  const texts = new StringPool()
  for (const text of ['', 'application/json', 'x'.repeat(5000)]) {
    expect([texts.intern(fresh(text)), texts.intern(fresh(text))]).toEqual([text, text])
  }
})

test('equal texts are one in memory', () => {
  const texts = new StringPool()
  const kept = Array.from<string>({ length: 200_000 }).fill('')
  const before = bytesInUse()
  for (let i = 0; i < kept.length; i++) kept[i] = texts.intern(fresh(`a value that many answers have, ${i % 10}`))
  // Of their own, they would take 56 bytes each: 11 MB. The runner's own heap moves by hundreds of kilobytes.
  expect(bytesInUse() - before).toBeLessThan(3 * MB)
  expect(new Set(kept).size).toBe(10)
})

test('texts that never come again are not kept', () => {
  const texts = new StringPool()
  const before = bytesInUse()
  for (let i = 0; i < 500_000; i++) texts.intern(fresh(`req_${i}`))
  for (let i = 0; i < 1000; i++) texts.intern(fresh(`${i}`.padEnd(20_000)))
  expect(bytesInUse() - before).toBeLessThan(3 * MB)
  expect(texts.intern('req_1')).toBe('req_1')
})
