import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { createLlmCache, type CacheStore, type History, type LlmCache } from '../../../lib/index.ts'
import { HOUR } from '../../../lib/stores/figures.ts'
import { fromKeyv } from '../../../lib/stores/keyv.ts'
import { redisStore } from '../../../lib/stores/redis.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { isInstalled } from '../../support/binary.ts'
import { openCache } from '../../support/cache.ts'
import { chat } from '../../support/calls.ts'
import type { Provider } from '../../support/provider.ts'
import { CLIENTS, NEWEST } from '../../support/redis-clients.ts'
import { openCluster, openRedis, type RedisServer } from '../../support/redis-server.ts'
import { doorUrl, REGISTER } from '../../support/package.ts'
import { type Ended, makeFolder, runNode } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'
import { Keyv } from 'keyv'

const hasRedis = isInstalled('redis-server')

/** An app of no line for the cache: asks, and ends in one way or another. */
const APP = `
const [origin, model, questions, end] = process.argv.slice(2)
const ask = async (content) => {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content }] })
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
  await (await fetch(origin + '/v1/chat/completions', { method: 'POST', headers, body })).text()
}
for (const question of questions.split('')) await ask(question)
const { cache } = await import(${JSON.stringify(REGISTER)})
if (end === 'exit') process.exit()
if (end === 'close') await cache.close()
if (end === 'kill after flush') {
  await cache.flush()
  await ask('never written')
  process.kill(process.pid, 'SIGKILL')
}
`

/** Where the figures are. */
interface Place {
  /** As `LLM_CACHE_STORE` has it. */
  readonly address: string
  /** A store there, for the spec itself. */
  readonly open: () => CacheStore
}

async function sqlitePlace(): Promise<Place> {
  const path = join(await makeFolder({}), 'cache.db')
  return { address: `sqlite:${path}`, open: () => sqliteStore({ path }) }
}

async function redisPlace(): Promise<Place> {
  const server = await openRedis()
  onTestFinished(() => server[Symbol.asyncDispose]())
  const open = (): CacheStore => {
    const [{ open: connect }] = CLIENTS
    const connection = connect(server.port)
    onTestFinished(() => connection[Symbol.dispose]())
    return redisStore({ client: connection.client })
  }
  return { address: server.url, open }
}

interface Run {
  readonly model?: string
  /** One letter each. */
  readonly questions: string
  readonly end?: 'return' | 'exit' | 'close' | 'kill after flush'
  readonly namespace?: string
}

async function runApp(place: Place, provider: Provider, run: Run): Promise<Ended> {
  const { model = 'gpt-5.1', questions, end = 'return', namespace = '' } = run
  // A busy machine is no outage.
  const folder = await makeFolder({ 'app.mjs': APP, 'config.json': JSON.stringify({ storeTimeout: 10 }) })
  const env = {
    LLM_CACHE_STORE: place.address,
    LLM_CACHE_HOSTS: provider.origin,
    LLM_CACHE_NAMESPACE: namespace,
    LLM_CACHE_CONFIG: 'config.json',
  }
  return runNode(['--import', REGISTER, 'app.mjs', provider.origin, model, questions, end], { cwd: folder, env })
}

async function historyAt(place: Place): Promise<History> {
  const cache = createLlmCache({ store: place.open() })
  onTestFinished(() => cache.close())
  return cache.history()
}

describe.each([
  ['SQLite', true, sqlitePlace],
  ['Redis', hasRedis, redisPlace],
])('figures in %s', (_name, isThere, openPlace) => {
  test.skipIf(!isThere)('of two processes that run at once add up', async () => {
    const [place, provider] = await Promise.all([openPlace(), startProvider()])
    const ended = await Promise.all([
      runApp(place, provider, { questions: 'aab', namespace: 'red' }),
      runApp(place, provider, { questions: 'ccccd', model: 'gpt-5-mini', namespace: 'blue' }),
    ])
    expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ])
    const history = await historyAt(place)
    expect(history).toMatchObject({ hits: 4, misses: 4, stores: 4 })
    expect(history.byModel).toMatchObject({ 'gpt-5.1': { hits: 1, misses: 2 }, 'gpt-5-mini': { hits: 3, misses: 2 } })
    expect(history.byNamespace).toMatchObject({ red: { hits: 1, misses: 2 }, blue: { hits: 3, misses: 2 } })
    expect(history.spent.calls).toBe(4)
    expect(history.saved.inputTokens).toBeGreaterThan(0)
    expect(history.saved.time).toBeGreaterThan(0)
    expect(history.saved.cost).toBeGreaterThan(0)
    expect(history.hours.reduce((sum, { hits }) => sum + hits, 0)).toBe(4)
    expect(history.hours.every(({ at }) => at % HOUR === 0 && at <= Date.now())).toBe(true)
  })

  test.skipIf(!isThere)('are written when the process ends by itself, and when its cache is closed', async () => {
    const [place, provider] = await Promise.all([openPlace(), startProvider()])
    await runApp(place, provider, { questions: 'aa' })
    // Nothing to write but figures.
    await runApp(place, provider, { questions: 'a' })
    await runApp(place, provider, { questions: 'a', end: 'close' })
    expect(await historyAt(place)).toMatchObject({ hits: 3, misses: 1 })
  })

  test.skipIf(!isThere)('lose with kill -9 what came after the last write, and nothing else', async () => {
    const [place, provider] = await Promise.all([openPlace(), startProvider()])
    const { code } = await runApp(place, provider, { questions: 'aaab', end: 'kill after flush' })
    expect(code).toBe(null)
    expect(await historyAt(place)).toMatchObject({ hits: 2, misses: 2 })
  })

  test.skipIf(!isThere)('hold no prompt, no answer and no credential', async () => {
    const [place, provider] = await Promise.all([openPlace(), startProvider()])
    await runApp(place, provider, { questions: 'z' })
    const store = place.open()
    const figures = JSON.stringify(await store.figures?.(0))
    await store.close()
    expect(figures).toContain('gpt-5.1')
    expect(figures).not.toMatch(/sk-one|assistant|"z"/)
  })
})

test('figures in SQLite are written by process.exit too', async () => {
  const [place, provider] = await Promise.all([sqlitePlace(), startProvider()])
  await runApp(place, provider, { questions: 'aab', end: 'exit' })
  await runApp(place, provider, { questions: 'b', end: 'exit' })
  expect(await historyAt(place)).toMatchObject({ hits: 2, misses: 2 })
})

test('bypasses and refusals are kept with their reasons', async () => {
  const [place, provider] = await Promise.all([sqlitePlace(), startProvider()])
  const cache = openCache({ hosts: [provider.origin], store: place.open() })
  cache.install()
  await (await chat(provider.origin, { background: true })).text()
  provider.script({ status: 500 })
  await (await chat(provider.origin)).text()
  const { bypasses, refusals } = await cache.history()
  expect(bypasses).toEqual({ background: 1 })
  expect(refusals).toEqual({ status: 1 })
})

describe.skipIf(!hasRedis)('with the Redis client of an app', () => {
  let server: RedisServer
  beforeEach(async () => void (server = await openRedis()))
  afterEach(() => server[Symbol.asyncDispose]())

  test('a client that the app has closed is left closed, and the process ends', async () => {
    const provider = await startProvider()
    const app = `
      import { createClient } from 'redis'
      import { createLlmCache } from '${doorUrl('index')}'
      import { redisStore } from '${doorUrl('stores/redis')}'
      const client = createClient({ url: '${server.url}' })
      const cache = createLlmCache({ hosts: ['${provider.origin}'], store: redisStore({ client }) })
      cache.install()
      const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
      const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'a' }] })
      await (await fetch('${provider.origin}/v1/chat/completions', { method: 'POST', headers, body })).text()
      await cache.flush()
      await (await fetch('${provider.origin}/v1/chat/completions', { method: 'POST', headers, body })).text()
      await client.close()
    `
    const folder = await makeFolder({ 'app.mjs': app })
    expect(await runNode(['app.mjs'], { cwd: folder })).toMatchObject({ code: 0 })
  })

  test.for(NEWEST)('figures wait for a server that is away, and count once, with $name', async ({ open }) => {
    const provider = await startProvider()
    const connection = open(server.port)
    onTestFinished(() => connection[Symbol.dispose]())
    const cache = openCache({
      hosts: [provider.origin],
      store: redisStore({ client: connection.client }),
      storeTimeout: 5,
    })
    cache.install()
    await (await chat(provider.origin)).text()
    await cache.flush()
    await server.kill()
    await (await chat(provider.origin)).text()
    await cache.flush().catch(() => undefined)
    await server.restart()
    // The server is empty now: what is there was written since.
    await expect.poll(() => answersOf(cache), { timeout: 10_000 }).toEqual({ hits: 1, misses: 0 })
    expect(await answersOf(cache)).toEqual({ hits: 1, misses: 0 })
  })

  test.for(NEWEST)('figures lie in a cluster too, with $name', async ({ openCluster: connect }) => {
    const cluster = await openCluster()
    onTestFinished(() => cluster[Symbol.asyncDispose]())
    const [provider, connection] = [await startProvider(), connect(cluster.ports)]
    onTestFinished(() => connection[Symbol.dispose]())
    const cache = openCache({
      hosts: [provider.origin],
      store: redisStore({ client: connection.client }),
      storeTimeout: 5,
    })
    cache.install()
    for (let call = 0; call < 3; call++) await (await chat(provider.origin)).text()
    expect(await answersOf(cache)).toEqual({ hits: 2, misses: 1 })
  })
})

async function answersOf(cache: LlmCache): Promise<{ hits: number; misses: number } | undefined> {
  const history = await cache.history().catch(() => undefined)
  return history && { hits: history.hits, misses: history.misses }
}

test.for<[string, () => CacheStore | undefined]>([
  ['no store', () => undefined],
  ['a Keyv', () => fromKeyv(new Keyv())],
])(
  'without figures that outlive the process (%s), a history is refused by name, and all else works',
  async ([_name, open]) => {
    const provider = await startProvider()
    const store = open()
    const cache = openCache({ hosts: [provider.origin], ...(store && { store }) })
    cache.install()
    for (let call = 0; call < 2; call++) await (await chat(provider.origin)).text()
    await expect(cache.history()).rejects.toMatchObject({ code: 'ERR_LLM_CACHE_STORE' })
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1 })
    await cache.flush()
  },
)

test('a wrong option of a history is named', async () => {
  const cache = openCache()
  await expect(cache.history({ newerThan: 0 })).rejects.toThrow(
    /history\.newerThan must be an integer from 1 to 2592000/,
  )
})
