import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, fetch } from 'undici'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { CacheStore, LlmCache, LlmCacheOptions } from '../../../lib/index.ts'
import type { SemanticOptions } from '../../../lib/semantic/semantic-options.ts'
import { fromKeyv } from '../../../lib/stores/keyv.ts'
import { accessOf, makeEntry } from '../../../lib/stores/contract.ts'
import { answerInfo } from '../../../lib/stores/question.ts'
import { redisStore } from '../../../lib/stores/redis.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { Keyv } from 'keyv'
import { isInstalled } from '../../support/binary.ts'
import { openCache } from '../../support/cache.ts'
import { blindEmbedder, wordsEmbedder } from '../../support/embedders.ts'
import type { Provider } from '../../support/provider.ts'
import { NEWEST } from '../../support/redis-clients.ts'
import { openRedis, type RedisServer } from '../../support/redis-server.ts'
import { makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'
import { startStoreProcess, type StoreProcess } from '../../support/store-process.ts'

const QUESTION = 'How do I reset my password?'
const SAME = 'What is the best way to reset my password?'
const OTHER = 'How to reset my password?'
const ENCRYPTIONS = ['credential', { key: 'a secret of the app, of thirty-two characters or more' }, 'none'] as const

/** What a caller sees. */
interface Seen {
  readonly cache: string | null
  readonly match: string
  readonly text: string
}

/** One instance of an app. */
interface Instance {
  readonly cache: LlmCache
  ask(text: string, headers?: Record<string, string>): Promise<Seen>
}

/** A cache of its own over the store that it shares. */
function open(
  store: CacheStore,
  provider: Provider,
  semantic: Partial<SemanticOptions> = {},
  options: LlmCacheOptions = {},
): Instance {
  const cache = openCache({
    // A busy machine is no outage.
    storeTimeout: 5,
    hosts: [provider.origin],
    ...options,
    store,
    semantic: { ...blindEmbedder(), id: 'blind', timeout: 30, ...semantic },
  })
  const dispatcher = new Agent().compose(cache.interceptor)
  onTestFinished(() => dispatcher.close())
  return {
    cache,
    async ask(text, headers = {}) {
      const response = await fetch(`${provider.origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer sk-one', ...headers },
        body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: text }] }),
        dispatcher,
      })
      const match = response.headers.get('x-llm-cache-match') ?? ''
      return { cache: response.headers.get('x-llm-cache'), match, text: await response.text() }
    },
  }
}

/** What becomes of a question that one instance has asked, and of one that was rejected. */
function describeKept(openStore: () => CacheStore): void {
  let provider: Provider
  beforeEach(async () => void (provider = await startProvider()))

  test('is found by an instance that comes later, which embeds only its own question', async () => {
    const one = open(openStore(), provider, { embed: wordsEmbedder().embed })
    const first = await one.ask(QUESTION)
    await one.cache.flush()
    const { embed, calls } = wordsEmbedder()
    const two = open(openStore(), provider, { embed, threshold: 0.3 })
    const second = await two.ask(SAME)
    expect([second.cache, second.text]).toEqual(['HIT', first.text])
    expect(calls).toEqual([[SAME]])
  })

  test('that was rejected is paired by no instance any more, in neither direction', async () => {
    const [one, two] = [open(openStore(), provider), open(openStore(), provider)]
    await one.ask(QUESTION)
    await one.cache.flush()
    const { match } = await two.ask(SAME)
    expect(await one.ask(SAME)).toMatchObject({ cache: 'HIT' })
    expect(await two.cache.reject(match)).toBe(true)
    // The answer is gone, and another one comes in its place.
    await expect.poll(async () => (await one.ask(QUESTION)).cache).toBe('MISS')
    await one.cache.flush()
    for (const instance of [one, two, open(openStore(), provider)]) {
      expect((await instance.ask(SAME, { 'x-llm-cache': 'read-only' })).cache).not.toBe('HIT')
    }
    await two.ask(SAME)
    await two.cache.flush()
    await one.cache.clear()
    await two.ask(SAME)
    await two.cache.flush()
    expect((await open(openStore(), provider).ask(QUESTION)).cache).toBe('MISS')
  })
}

/** All that two instances over one store do, whatever the store. */
function describeShared(openStore: () => CacheStore): void {
  describeKept(openStore)
  let provider: Provider
  beforeEach(async () => void (provider = await startProvider()))

  test('whose vector is still on its way is awaited by a flush', async () => {
    const embed = async (texts: string[]): Promise<number[][]> => {
      await wait(100)
      return texts.map(() => [1, 0])
    }
    const one = open(openStore(), provider, { embed })
    await one.ask(QUESTION)
    await one.cache.flush()
    expect((await open(openStore(), provider).ask(SAME)).cache).toBe('HIT')
  })

  test('is found by an instance that runs already, at its next miss', async () => {
    const [one, two] = [open(openStore(), provider), open(openStore(), provider)]
    expect((await two.ask('Who wrote Hamlet?')).cache).toBe('MISS')
    await one.ask(QUESTION)
    await one.cache.flush()
    expect((await two.ask(SAME)).cache).toBe('HIT')
  })

  test('is found out of its conversation too, without an embedder', async () => {
    const semantic = { embed: undefined as never, id: undefined as never, conversation: 'last-message' } as const
    const openOne = (): LlmCache =>
      openCache({ hosts: [provider.origin], store: openStore(), semantic, storeTimeout: 5 })
    const ask = async (cache: LlmCache, before: string): Promise<string | null> => {
      const dispatcher = new Agent().compose(cache.interceptor)
      onTestFinished(() => dispatcher.close())
      const messages = [before, 'Sure.', QUESTION].map((content, at) => ({
        role: at === 1 ? 'assistant' : 'user',
        content,
      }))
      const response = await fetch(`${provider.origin}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer sk-one' },
        body: JSON.stringify({ model: 'm', messages }),
        dispatcher,
      })
      await response.text()
      return response.headers.get('x-llm-cache')
    }
    const one = openOne()
    expect(await ask(one, 'Hello')).toBe('MISS')
    await one.flush()
    expect(await ask(openOne(), 'Good evening')).toBe('HIT')
  })

  test('is not found with another credential, another embedder or another namespace', async () => {
    const one = open(openStore(), provider)
    await one.ask(QUESTION)
    await one.cache.flush()
    const later = open(openStore(), provider, { id: 'blind-2' })
    expect((await later.ask(SAME)).cache).toBe('MISS')
    const two = open(openStore(), provider)
    expect((await two.ask(OTHER, { authorization: 'Bearer sk-two' })).cache).toBe('MISS')
    expect((await two.ask(OTHER, { 'x-llm-cache-namespace': 'other' })).cache).toBe('MISS')
    expect((await two.ask(OTHER)).cache).toBe('HIT')
  })

  test('is gone when its answer is cleared, here and in an instance that knew it', async () => {
    const [one, two] = [open(openStore(), provider), open(openStore(), provider)]
    await one.ask(QUESTION, { 'x-llm-cache-tags': 'evals' })
    await one.cache.flush()
    expect((await two.ask(SAME)).cache).toBe('HIT')
    expect(await one.cache.clear({ tag: 'evals' })).toBe(1)
    await expect.poll(() => two.cache.stats().entries).toBe(0)
    expect((await two.ask(SAME, { 'x-llm-cache': 'read-only' })).cache).not.toBe('HIT')
    expect((await open(openStore(), provider).ask(SAME, { 'x-llm-cache': 'read-only' })).cache).not.toBe('HIT')
  })
}

/** What may be found nowhere: a text in any coding, and the bytes of a vector. */
function codingsOf(text: string): Buffer[] {
  const utf8 = Buffer.from(text)
  const base64 = [0, 1, 2].map((at) =>
    utf8.subarray(at, at + 3 * Math.floor((utf8.length - at) / 3)).toString('base64'),
  )
  return [
    utf8,
    Buffer.from(text, 'utf16le'),
    Buffer.from(utf8.toString('hex')),
    ...base64.map((one) => Buffer.from(one)),
  ]
}

describe.each(ENCRYPTIONS)('a question in a SQLite file, encryption %o,', (encryption) => {
  let path: string
  beforeEach(async () => void (path = join(await makeFolder({}), 'cache.db')))
  // What a question is sealed under changes nothing else.
  const describeAll = encryption === 'credential' ? describeShared : describeKept
  describeAll(() => sqliteStore({ path, encryption }))

  test.runIf(encryption !== 'none')('is nowhere in the file or its WAL, nor is its vector', async () => {
    const vector = [0.123_456_789, 0.987_654_321]
    const one = open(sqliteStore({ path, encryption }), await startProvider(), {
      embed: (texts) => texts.map(() => vector),
    })
    await one.ask(QUESTION)
    await one.cache.flush()
    const files = await readdir(dirname(path))
    const bytes = Buffer.concat(
      await Promise.all(
        files.filter((name) => name.startsWith('cache.db')).map((name) => readFile(join(dirname(path), name))),
      ),
    )
    expect(bytes.length).toBeGreaterThan(10_000)
    const unsealed = new Float32Array(vector)
    for (const secret of [...codingsOf(QUESTION), ...codingsOf('reset my password'), Buffer.from(unsealed.buffer)]) {
      expect(bytes.includes(secret)).toBe(false)
    }
  })
})

describe.skipIf(!isInstalled('redis-server')).each(NEWEST)('a question in Redis, with $name,', ({ open: connect }) => {
  let server: RedisServer
  beforeEach(async () => {
    server = await openRedis()
    // Called first, so that it ends last.
    onTestFinished(() => server[Symbol.asyncDispose]())
  })
  const openStore = (): CacheStore => {
    const connection = connect(server.port)
    onTestFinished(() => connection[Symbol.dispose]())
    return redisStore({ client: connection.client })
  }
  describeShared(openStore)

  test('lives as long as its answer, and is nowhere in a dump', async () => {
    const one = open(openStore(), await startProvider(), {}, { ttl: 100 })
    await one.ask(QUESTION)
    await one.cache.flush()
    const names = (await server.cli('--raw', 'keys', '*')).trim().split('\n')
    const entries = names.filter((name) => name.startsWith('llm-cache:entry:'))
    expect(entries).toHaveLength(1)
    expect((await server.cli('--raw', 'hkeys', entries[0] ?? '')).trim().split('\n')).toHaveLength(4)
    for (const name of names) expect(Number(await server.cli('pttl', name))).toBeGreaterThan(0)
    expect(Number(await server.cli('ttl', entries[0] ?? ''))).toBeLessThanOrEqual(100)
    await server.cli('config', 'set', 'rdbcompression', 'no')
    const file = join(await makeFolder({}), 'dump.rdb')
    await server.cli('--rdb', file)
    const dump = await readFile(file)
    expect(dump.includes('llm-cache:entry:')).toBe(true)
    for (const secret of codingsOf('reset my password')) expect(dump.includes(secret)).toBe(false)
  })

  test('without an answer leaves nothing that would stay', async () => {
    const entry = makeEntry()
    const store = openStore()
    await store.questions?.add(
      { partition: entry.key, text: 'a', vector: Float32Array.of(1), entry: answerInfo(entry) },
      accessOf('a'),
    )
    expect(await server.cli('dbsize')).toBe('0\n')
  })

  test('is not waited for where Redis is frozen, and found when it is back', async () => {
    const provider = await startProvider()
    const one = open(openStore(), provider)
    await one.ask(QUESTION)
    await one.cache.flush()
    const two = open(openStore(), provider, {}, { storeTimeout: 0.3 })
    expect((await two.ask('Who wrote Hamlet?')).cache).toBe('MISS')
    server.freeze()
    for (let i = 0; i < 6; i++) expect((await two.ask(`What is ${i} plus ${i}?`)).cache).toBe('MISS')
    server.thaw()
    await expect.poll(async () => (await two.ask(SAME, { 'x-llm-cache': 'read-only' })).cache).toBe('HIT')
  })
})

test('a question without a secret to seal under stays in memory, and its match reveals nothing of it', async () => {
  const provider = await startProvider()
  const path = join(await makeFolder({}), 'cache.db')
  const [one, two] = [open(sqliteStore({ path }), provider), open(sqliteStore({ path }), provider)]
  const noKey = { authorization: '' }
  for (const instance of [one, two]) expect((await instance.ask(QUESTION, noKey)).cache).toBe('MISS')
  await Promise.all([one.cache.flush(), two.cache.flush()])
  const [first, second] = [await one.ask(SAME, noKey), await two.ask(SAME, noKey)]
  expect([first.cache, second.cache]).toEqual(['HIT', 'HIT'])
  // Whoever guesses the texts finds nothing to compare with.
  expect(first.match.slice(0, 33)).not.toBe(second.match.slice(0, 33))
  expect(first.match.slice(34)).toBe(second.match.slice(34))
})

test('a question whose answer the store could not give once is not forgotten', async () => {
  const provider = await startProvider()
  const store = sqliteStore({ path: join(await makeFolder({}), 'cache.db') })
  const one = open(store, provider, {}, { maxEntries: 1 })
  await one.ask(QUESTION)
  await one.ask('Who wrote Hamlet?')
  await one.cache.flush()
  const get = vi.spyOn(store, 'get').mockRejectedValue(new Error('down'))
  expect((await one.ask(SAME, { 'x-llm-cache': 'read-only' })).cache).not.toBe('HIT')
  get.mockRestore()
  expect((await one.ask(SAME)).cache).toBe('HIT')
})

test('a store that keeps no questions goes on as before: they are in memory', async () => {
  const provider = await startProvider()
  const store = new Map<string, unknown>()
  const [one, two] = [1, 2].map(() => open(fromKeyv(new Keyv({ store })), provider))
  await one?.ask(QUESTION)
  await one?.cache.flush()
  expect([(await one?.ask(SAME))?.cache, (await two?.ask(QUESTION))?.cache]).toEqual(['HIT', 'HIT'])
  expect((await two?.ask(OTHER))?.cache).toBe('MISS')
})

describe('after a restart', () => {
  let path: string
  let origin: string
  beforeEach(async () => {
    path = join(await makeFolder({}), 'cache.db')
    origin = (await startProvider()).origin
  })
  const start = (embedder = 'blind'): Promise<StoreProcess> =>
    startStoreProcess({ path, origin, embedder, options: { storeTimeout: 5 } })

  test('a question that means the same is a hit, also where the process was killed after a flush', async () => {
    const one = await start()
    const first = await one.ask({ do: 'ask', text: QUESTION })
    await one.ask({ do: 'flush' })
    one.child.kill('SIGKILL')
    await one.ended
    const two = await start()
    expect(await two.ask({ do: 'ask', text: SAME })).toMatchObject({ status: 'HIT', text: first.text })
    expect((await two.ask({ do: 'ask', text: SAME, apiKey: 'sk-two' })).status).toBe('MISS')
    await two.ask({ do: 'close' })
    expect((await (await start('blind-2')).ask({ do: 'ask', text: OTHER })).status).toBe('MISS')
  })

  test('a match that was rejected stays rejected', async () => {
    const one = await start()
    await one.ask({ do: 'ask', text: QUESTION })
    await one.ask({ do: 'flush' }) // its vector comes behind its answer
    const { match } = await one.ask({ do: 'ask', text: SAME })
    expect(await one.ask({ do: 'reject', match: match ?? '' })).toBe(true)
    expect((await one.ask({ do: 'ask', text: QUESTION })).status).toBe('MISS')
    await one.ask({ do: 'close' })
    const two = await start()
    expect((await two.ask({ do: 'ask', text: SAME })).status).toBe('MISS')
    expect((await two.ask({ do: 'ask', text: OTHER })).status).toBe('HIT')
  })

  test('a question that is damaged is a miss, and is removed', async () => {
    const one = await start()
    await one.ask({ do: 'ask', text: QUESTION })
    await one.ask({ do: 'close' })
    const db = new DatabaseSync(path)
    onTestFinished(() => db.close())
    const count = (): unknown => db.prepare('SELECT count(*) AS count FROM questions').get()?.['count']
    expect(count()).toBe(1)
    db.exec('UPDATE questions SET bytes = substr(bytes, 1, length(bytes) - 1)')
    const two = await start()
    expect((await two.ask({ do: 'ask', text: SAME })).status).toBe('MISS')
    await two.ask({ do: 'flush' })
    expect(count()).toBe(1)
    expect(two.stderr()).toContain('damaged')
    expect((await two.ask({ do: 'ask', text: QUESTION })).status).toBe('HIT')
  })
})
