import { expect, it } from 'vitest'
import { CacheKeyOwners } from '../../../lib/key/cache-key-owners.ts'
import { identify, makeIdentifier } from './call.ts'

const A = 'https://a.example'
const B = 'https://b.example'

it('gives the first credential of each host the same scope', () => {
  const owners = new CacheKeyOwners()
  const scope = owners.scopeOf('k', A, 'mine-at-a')
  expect(scope).toMatch(/^[0-9a-f]{64}$/)
  expect(owners.scopeOf('k', B, 'mine-at-b')).toBe(scope)
  expect(owners.scopeOf('k', A, 'mine-at-a')).toBe(scope)
})

it('gives another credential on the same host none, as often as it comes', () => {
  const owners = new CacheKeyOwners()
  owners.scopeOf('k', A, 'mine')
  expect([owners.scopeOf('k', A, 'theirs'), owners.scopeOf('k', A, 'theirs')]).toEqual([undefined, undefined])
  expect(owners.scopeOf('k', A, 'mine')).toBeDefined()
})

it('gives each cache_key a scope of its own', () => {
  const owners = new CacheKeyOwners()
  expect(owners.scopeOf('k', A, 'mine')).not.toBe(owners.scopeOf('l', A, 'mine'))
})

it('gives a scope that was forgotten and is opened by somebody else another id, and its old id to who opened it', () => {
  const scope = new CacheKeyOwners().scopeOf('k', A, 'mine')
  expect(new CacheKeyOwners().scopeOf('k', A, 'theirs')).not.toBe(scope)
  expect(new CacheKeyOwners().scopeOf('k', A, 'mine')).toBe(scope)
})

it('forgets the scopes that were used least once there are too many', () => {
  const owners = new CacheKeyOwners()
  const scope = owners.scopeOf('k', A, 'mine')
  for (let i = 0; i < 10_000; i++) owners.scopeOf(`other-${i}`, A, 'mine')
  expect(owners.scopeOf('k', A, 'theirs')).toBeDefined()
  expect(owners.scopeOf('k', A, 'theirs')).not.toBe(scope)
})

it('takes no more than a hundred hosts into a scope', () => {
  const owners = new CacheKeyOwners()
  for (let i = 0; i < 100; i++) owners.scopeOf('k', `https://${i}.example`, 'mine')
  expect(owners.scopeOf('k', A, 'mine')).toBeUndefined()
})

it('is asked for each call: a key that is remembered does not outlive the scope it was made in', async () => {
  const identifier = makeIdentifier()
  const body = { model: 'm', messages: [] }
  const mine = await identify(body, {}, identifier)
  const scope = { namespace: 'k', variant: 0, anyProvider: true, cacheKey: 'k' }
  const shared = mine.key(scope)
  for (let i = 0; i < 10_000; i++) mine.key({ ...scope, cacheKey: `other-${i}` })
  const theirs = await identify(body, { headers: { authorization: 'Bearer sk-theirs' } }, identifier)
  mine.key({ ...scope, anyProvider: false })
  expect(mine.key(scope)).toBe(shared)
  for (let i = 0; i < 10_000; i++) theirs.key({ ...scope, cacheKey: `other-${i}` })
  const taken = theirs.key(scope)
  expect([taken === shared, mine.key(scope) === shared, mine.key(scope) === taken]).toEqual([false, false, false])
})
