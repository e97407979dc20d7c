import { describe, expect, it } from 'vitest'
import { readCacheControl } from '../../../lib/controls/cache-control.ts'
import type { Directives } from '../../../lib/controls/directives.ts'

const PLAIN = { pragma: false, honourNoCache: true }

describe('readCacheControl', () => {
  const read: readonly (readonly [value: string, directives: Directives])[] = [
    ['no-store', { noStore: true }],
    ['no-cache', { noCache: true }],
    ['NO-CACHE', { noCache: true }],
    ['no-cache="set-cookie"', { noCache: true }],
    ['only-if-cached', { mode: 'only' }],
    ['only-if-cached, no-cache', { mode: 'only', noCache: true }],
    ['max-age=60', { maxAge: 60 }],
    ['max-age="60"', { maxAge: 60 }],
    ['Max-Age=60 ,  max-stale', { maxAge: 60, maxStale: Infinity }],
    ['max-age=0', { noCache: true }],
    ['max-stale=0', { maxStale: 0 }],
    ['max-stale=10, stale-if-error=20', { maxStale: 10, staleIfError: 20 }],
    ['no-cache, no-store, max-age=0', { noCache: true, noStore: true }],
    ['private, no-transform, min-fresh=5, x="max-age=1, no-store", y=?0', {}],
    ['no-cache, no-cache', { noCache: true }],
  ]
  it.each(read)('reads %s', (value, directives) => {
    expect(readCacheControl(value, PLAIN)).toEqual(directives)
  })

  it.each([
    '',
    '   ',
    'max-age',
    'max-age=',
    'max-age=-1',
    'max-age=1.5',
    'max-age=abc',
    'max-age="abc"',
    'max-age=60s',
    'max-age=?1',
    'max-age=1, max-age=2',
    'max-stale, max-stale=5',
    'max-stale=-5',
    'stale-if-error',
    'stale-if-error=x',
    'stale-if-error=1,stale-if-error=1',
    'no-cache;;',
    'no-cache, é',
    'no-store\u0000',
    '=5',
    `max-age=${'9'.repeat(10_000)}`,
    `no-cache, ${'x'.repeat(10_000)}`,
  ])('names itself as the problem of %j', (value) => {
    expect(readCacheControl(value, PLAIN)).toEqual({ problem: 'cache-control' })
  })

  it("stores nothing and serves no old answer for the pair that stands for fetch's no-store and reload modes", () => {
    const context = { pragma: true, honourNoCache: true }
    expect(readCacheControl('no-cache', context)).toEqual({ noCache: true, noStore: true, clear: true })
    expect(readCacheControl('max-age=60', context)).toEqual({ maxAge: 60 })
  })

  it('passes over no-cache, and over nothing else, where an SDK sends it by itself', () => {
    const context = { pragma: true, honourNoCache: false }
    expect(readCacheControl('no-cache', context)).toEqual({})
    expect(readCacheControl('no-cache, no-store, max-age=0', context)).toEqual({ noStore: true, noCache: true })
  })
})
