import { expect, test } from 'vitest'
import type { HeaderPair } from '../../../lib/request/headers.ts'
import { type RequestHead, RequestIds } from '../../../lib/key/raw-request-ids.ts'
import { makeCall } from './call.ts'

const { match: MATCH } = makeCall()

function headOf(members: Partial<RequestHead> = {}, credentials: readonly HeaderPair[] = []): RequestHead {
  return {
    match: MATCH,
    method: 'POST',
    headers: { semantic: [], credentials },
    identity: undefined,
    ...members,
  }
}

const HEADS: readonly RequestHead[] = [
  headOf(),
  headOf({ method: 'PUT' }),
  headOf({ match: { ...MATCH, origin: 'https://a.example' } }),
  headOf({ match: { ...MATCH, pathname: '/v1' } }),
  headOf({ match: { ...MATCH, search: '?v=1' } }),
  headOf({ headers: { semantic: [['openai-beta', 'x']], credentials: [] } }),
  headOf({ headers: { semantic: [['openai-beta', 'y']], credentials: [] } }),
  headOf({ identity: 'someone' }),
  headOf({}, [['authorization', 'Bearer a']]),
  headOf({}, [['authorization', 'Bearer b']]),
  headOf({}, [['x-api-key', 'Bearer b']]),
  headOf({}, [['cookie', 'c'.repeat(20_000)]]),
]

test('another head is another id, and an id does not depend on the calls before it', () => {
  const shared = new RequestIds()
  const fresh = HEADS.map((head) => new RequestIds().of(head, '{}'))
  expect(new Set(fresh).size).toBe(HEADS.length)
  for (const at of [...HEADS.keys(), ...HEADS.keys()]) {
    for (const other of HEADS) {
      shared.of(other, 'another body')
      expect(shared.of(HEADS[at] ?? headOf(), '{}')).toBe(fresh[at])
    }
  }
})

test.each(HEADS.map((head, at) => [at, head] as const))(
  'the same bytes have one id, as text and as bytes, at once and in parts: head %i',
  async (_at, head) => {
    const ids = new RequestIds()
    for (const text of ['', '{}', 'é'.repeat(30_000), 'x'.repeat(100_000)]) {
      const id = ids.of(head, text)
      expect(id).toHaveLength(32)
      expect(ids.of(head, Buffer.from(text))).toBe(id)
      expect(await ids.ofLarge(head, text)).toBe(id)
      expect(await ids.ofLarge(head, Buffer.from(text))).toBe(id)
    }
  },
)

test('a large text that is hashed in parts leaves the head of another call as it was', async () => {
  const ids = new RequestIds()
  const before = ids.of(headOf(), '{}')
  const large = ids.ofLarge(headOf({ identity: 'large' }), 'x'.repeat(1_000_000))
  expect(ids.of(headOf(), '{}')).toBe(before)
  await large
  expect(ids.of(headOf(), '{}')).toBe(before)
})

test('a body above 256 kB has no id at once', () => {
  expect(new RequestIds().of(headOf(), 'x'.repeat(256 * 1024 + 1))).toBeUndefined()
  expect(new RequestIds().of(headOf(), 'é'.repeat(256 * 1024))).toBeUndefined()
})
