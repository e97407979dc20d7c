import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { makeEntry } from '../../../lib/stores/contract.ts'
import { answerInfo } from '../../../lib/stores/question.ts'
import { type KnownQuestion, VectorIndex } from '../../../lib/semantic/vector-index.ts'

function question(key: string, partition = 'p', expiresAt = Infinity): KnownQuestion {
  return { partition, text: `text of ${key}`, entry: answerInfo(makeEntry({ key, expiresAt })) }
}

function create(maxVectors = 100, neighbours = 3): VectorIndex {
  return new VectorIndex({ maxVectors, neighbours })
}

async function keysNear(index: VectorIndex, vector: number[], except = '', partition = 'p'): Promise<string[]> {
  return (await index.nearest(partition, vector, except)).map(({ question }) => question.entry.key)
}

describe('an index', () => {
  test('gives the nearest of a partition first, with the cosine, whatever their lengths', async () => {
    const index = create()
    index.add(question('right'), [10, 0])
    index.add(question('up'), [0, 3])
    index.add(question('between'), [1, 1])
    index.add(question('elsewhere', 'q'), [1, 0])
    const found = await index.nearest('p', [2, 0], '')
    expect(found.map(({ question }) => question.entry.key)).toEqual(['right', 'between', 'up'])
    expect(found.map(({ similarity }) => similarity.toFixed(3))).toEqual(['1.000', '0.707', '0.000'])
  })

  test('leaves out what has expired, and the entry that is asked for', async () => {
    const index = create()
    index.add(question('old', 'p', Date.now()), [1, 0])
    index.add(question('own'), [1, 0])
    index.add(question('good'), [1, 0])
    expect(await keysNear(index, [1, 0], 'own')).toEqual(['good'])
  })

  test('keeps finding the others when some are deleted', async () => {
    const index = create()
    const keys = ['a', 'b', 'c', 'd']
    for (const [at, key] of keys.entries()) index.add(question(key), [Math.cos(at / 4), Math.sin(at / 4)])
    index.delete('a')
    index.delete('c')
    expect(await keysNear(index, [1, 0])).toEqual(['b', 'd'])
    index.add(question('e'), [1, 0])
    expect(await keysNear(index, [1, 0])).toEqual(['e', 'b', 'd'])
    for (const key of ['b', 'd', 'e']) index.delete(key)
    expect([index.size, index.hasVectors('p')]).toEqual([0, false])
  })

  test('replaces the question of an entry, and that of a text', async () => {
    const index = create()
    index.add(question('a'), [1, 0])
    index.add(question('a'), [0, 1])
    index.add({ ...question('b'), text: 'text of a' }, [0, 1])
    expect([index.size, await keysNear(index, [0, 1]), index.find('p', 'text of a')?.entry.key]).toEqual([
      1,
      ['b'],
      'b',
    ])
  })

  test('is bounded: what was of no use for longest goes first', async () => {
    const index = create(2)
    index.add(question('a'), [1, 0])
    index.add(question('b', 'q'), [1, 0])
    index.touch('a')
    index.add(question('c'), [1, 0])
    expect([index.size, index.hasVectors('q'), await keysNear(index, [1, 0])]).toEqual([2, false, ['a', 'c']])
  })

  test('is bounded by the length of texts, too', () => {
    const index = create()
    const text = 'x'.repeat(20 * 1024 * 1024)
    index.add({ ...question('a'), text }, [1, 0])
    index.add({ ...question('b'), text: `${text}y` }, [1, 0])
    expect([index.size, index.get('a'), index.get('b')?.entry.key]).toEqual([1, undefined, 'b'])
  })

  test('compares no vector that has no direction or another length', async () => {
    const index = create()
    index.add(question('zero'), [0, 0])
    index.add(question('short'), [1])
    index.add(question('long'), [1, 0])
    expect([await keysNear(index, [1]), await keysNear(index, [1, 0]), await keysNear(index, [0, 0])]).toEqual([
      ['short'],
      [],
      [],
    ])
    expect(index.find('p', 'text of zero')?.text).toBe('text of zero')
  })

  test('finds each of more vectors than one block holds, also when others were deleted', async () => {
    const index = create(1_000, 1)
    const vector = (at: number): number[] => [Math.cos(at / 400), Math.sin(at / 400)]
    for (let at = 0; at < 600; at++) index.add(question(String(at)), vector(at))
    for (let at = 0; at < 600; at += 3) index.delete(String(at))
    for (let at = 1; at < 600; at += 3) expect(await keysNear(index, vector(at))).toEqual([String(at)])
  })

  test('forgets the questions whose answers a removal picks, and no later ones', () => {
    const index = create()
    const add = (key: string, given: object): void =>
      index.add({ ...question(key), entry: answerInfo(makeEntry({ key, storedAt: 1_000, ...given })) })
    add('a', { namespace: 'x' })
    add('b', { tags: ['evals'] })
    add('c', { tags: ['evals'], storedAt: 3_000 })
    index.forget({ filter: { namespace: 'x' }, at: 2_000 })
    index.forget({ filter: { tag: 'evals' }, at: 2_000 })
    index.forget({ filter: { key: 'c' }, at: 2_000 })
    expect(['a', 'b', 'c'].filter((key) => index.get(key))).toEqual(['c'])
    index.forget({ filter: {}, at: 3_000 })
    expect(index.size).toBe(0)
  })

  test('finds a text without a vector, which makes nothing to compare with', () => {
    const index = create()
    index.add(question('a'))
    expect([index.find('p', 'text of a')?.entry.key, index.hasVectors('p')]).toEqual(['a', false])
  })
})

test('other work gets its turn between searches, however many are asked at once', async () => {
  const index = create(5_000, 1)
  const vectors = Array.from({ length: 2_000 }, (_one, at) =>
    Array.from({ length: 512 }, (_two, n) => Math.sin(at * n + 1)),
  )
  for (const [at, vector] of vectors.entries()) index.add(question(String(at)), vector)
  const searches = Promise.all(Array.from({ length: 40 }, (_one, at) => keysNear(index, vectors[at] ?? [])))
  let turns = 0
  const over = new AbortController()
  void searches.then(() => over.abort())
  while (!over.signal.aborted) {
    await turn()
    turns++
  }
  expect(await searches).toEqual(Array.from({ length: 40 }, (_one, at) => [String(at)]))
  // 40 million products take longer than one turn may.
  expect(turns).toBeGreaterThan(3)
})
