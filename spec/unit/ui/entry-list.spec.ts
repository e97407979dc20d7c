import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { EntryList, type EntryQuery, SORTS } from '../../../lib/ui/entry-list.ts'
import type { EntryInfo } from '../../../lib/stores/entry.ts'

const NOW = 1_790_000_000_000

function info(n: number): EntryInfo {
  return {
    key: n.toString(16).padStart(64, '0'),
    provider: 'openai',
    model: `gpt-${n % 7}`,
    endpoint: '/v1/chat/completions',
    namespace: n % 2 === 0 ? '' : 'odd',
    tags: n % 10 === 0 ? ['ten'] : [],
    stream: false,
    size: (n * 7919) % 1009,
    storedAt: NOW + ((n * 104_729) % 100_003),
    expiresAt: NOW + n,
    hits: (n * 31) % 97,
    usage: { inputTokens: n, outputTokens: 1 },
  }
}

function listOf(count: number): { readonly list: EntryList; readonly walks: () => number } {
  let walks = 0
  const list = new EntryList({
    async *entries({ namespace }) {
      walks++
      for (let n = 0; n < count; n++) if (namespace === undefined || info(n).namespace === namespace) yield info(n)
    },
  })
  return { list, walks: () => walks }
}

const ALL: EntryQuery = { search: '', namespace: undefined, sort: 'storedAt', isDescending: true }

test.for(SORTS)('sorts by %s, either way', async (sort) => {
  const { list } = listOf(5000)
  const valueOf = (entry: EntryInfo): string | number =>
    sort === 'tokens' ? (entry.usage?.inputTokens ?? 0) + 1 : (entry[sort] ?? '')
  const up = await list.find({ ...ALL, sort, isDescending: false }, true)
  const down = await list.find({ ...ALL, sort }, true)
  const sorted = up.map(valueOf).toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0))
  expect(up.map(valueOf)).toEqual(sorted)
  expect(down.map(valueOf)).toEqual(sorted.toReversed())
  expect(new Set(up.map(({ key }) => key)).size).toBe(5000)
})

test.for<[search: string, count: number]>([
  ['gpt-3', 143],
  ['GPT-3', 143],
  ['openai', 1000],
  ['ten', 100],
  ['00000000', 1000],
  ['nothing', 0],
])('%s finds by model, provider, tag or the beginning of a key', async ([search, count]) => {
  expect(await listOf(1000).list.find({ ...ALL, search }, true)).toHaveLength(count)
})

test('a namespace is asked of the store', async () => {
  expect(await listOf(1000).list.find({ ...ALL, namespace: 'odd' }, true)).toHaveLength(500)
})

test('the next page is of the same list; another query, or a fresh one, walks again', async () => {
  const { list, walks } = listOf(10)
  await list.find(ALL, true)
  await list.find(ALL, false)
  expect(walks()).toBe(1)
  await list.find({ ...ALL, sort: 'hits' }, false)
  await list.find({ ...ALL, sort: 'hits' }, true)
  expect(walks()).toBe(3)
  list.drop()
})

test('a list of 100,000 gives way to others many times while it is made', async () => {
  const { list } = listOf(100_000)
  const over = new AbortController()
  let turns = 0
  const count = async (): Promise<void> => {
    for (; !over.signal.aborted; turns++) await turnOfLoop()
  }
  const counting = count()
  expect(await list.find(ALL, true)).toHaveLength(100_000)
  over.abort()
  await counting
  // One each 4 ms of work; at one go there would be one.
  expect(turns).toBeGreaterThan(10)
})

test('a walk that fails is not kept', async () => {
  let walks = 0
  const list = new EntryList({
    async *entries() {
      walks++
      yield info(0)
      if (walks === 1) throw new Error('gone')
    },
  })
  await expect(list.find(ALL, true)).rejects.toThrow('gone')
  expect(await list.find(ALL, false)).toHaveLength(1)
})
