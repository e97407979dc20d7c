import { describe, expect, test } from 'vitest'
import { PastCalls, type PastCall } from '../../../lib/explain/past-calls.ts'

function call(key: string, caller: string, size: number): PastCall {
  const asked = { names: 'x'.repeat(size / 2), digests: Buffer.alloc(size / 2) }
  return { key, asked, caller, twin: `twin of ${key}`, fate: 'stored', entry: undefined }
}

describe('the last calls', () => {
  test('stay within their bytes, whatever their size and however many callers there are', () => {
    const history = new PastCalls(1e6)
    for (let n = 0; n < 5000; n++) {
      history.add(call(`key ${n}`, `caller ${n % 700}`, 200 * (n % 50)))
      expect(history.size).toBeLessThanOrEqual(1e6)
    }
    const kept = Array.from({ length: 700 }, (_, n) => history.ofCaller(`caller ${n}`)).flat()
    expect(kept.length).toBeGreaterThan(50)
    expect(kept.every(({ key }) => history.get(key) !== undefined)).toBe(true)
  })

  test('hold no call that is larger than all of them may be', () => {
    const history = new PastCalls(1e4)
    history.add(call('large', 'one', 2e4))
    expect([history.size, history.ofCaller('one'), history.twinOf('twin of large')]).toEqual([0, [], undefined])
  })

  test('are those of one caller, newest first, and no more than 1,000 of them are compared', () => {
    const history = new PastCalls(1e8)
    for (let n = 0; n < 1200; n++) history.add(call(`key ${n}`, 'one', 100))
    history.add(call('other', 'two', 100))
    const compared = history.ofCaller('one').map(({ key }) => key)
    expect([compared.length, compared[0], compared.at(-1)]).toEqual([1000, 'key 1199', 'key 200'])
  })

  test('forget a caller with its last call', () => {
    const history = new PastCalls(3000)
    history.add(call('a', 'one', 1000))
    history.add(call('b', 'two', 1000))
    expect(history.ofCaller('one')).toEqual([])
    expect(history.twinOf('twin of a')).toBeUndefined()
    expect(history.ofCaller('two')).toHaveLength(1)
  })
})
