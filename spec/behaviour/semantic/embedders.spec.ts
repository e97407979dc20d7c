import { describe, expect, test } from 'vitest'
import { httpEmbedder, transformersEmbedder } from '../../../lib/embedders.ts'
import type { LlmCacheOptions } from '../../../lib/index.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { installCache } from '../../support/cache.ts'
import type { Provider } from '../../support/provider.ts'
import { makeFolder, runNode } from '../../support/run-node.ts'
import { vector } from '../../support/shapes/openai-other.ts'
import { startProvider } from '../../support/start-provider.ts'
import { askAt } from '../controls/setup.ts'

const QUESTION = 'How do I reset my password?'
const SAME = 'how do i reset my password'

/** Two servers, one for vectors, and what asks the other through a cache that matches with them. */
async function setUp(options: LlmCacheOptions = {}, servers?: readonly [Provider, Provider]) {
  const [vectors, provider] = servers ?? [await startProvider(), await startProvider()]
  const embedder = httpEmbedder({ baseURL: `${vectors.origin}/v1`, model: 'm', apiKey: 'sk-vectors' })
  const cache = installCache({
    hosts: [provider.origin],
    semantic: { ...embedder, threshold: 0, timeout: 30 },
    ...options,
  })
  const ask = async (text: string): Promise<string | null> => {
    const messages = [{ role: 'user', content: text }]
    const { cache: told } = await askAt(`${provider.origin}/v1/chat/completions`, { fields: { messages } })
    // The vector of a miss comes behind its answer.
    await cache.flush()
    return told
  }
  return { vectors, provider, cache, ask, embed: embedder.embed }
}

function inputsOf({ calls }: Provider): unknown[] {
  return calls.map(({ body }) => JSON.parse(body.toString()).input)
}

describe('httpEmbedder', () => {
  test('gets a vector for each text, in their order, from /embeddings with the key, the dimensions and the headers', async () => {
    const provider = await startProvider()
    const { embed, id } = httpEmbedder({
      baseURL: `${provider.origin}/v1/?api-version=1`,
      apiKey: 'sk-one',
      model: 'm',
      dimensions: 4,
      headers: { 'x-team': 'search' },
    })
    expect(await embed(['b', 'a', 'b'])).toEqual([vector('b'), vector('a'), vector('b')])
    const [call] = provider.calls
    expect(call).toMatchObject({
      path: '/v1/embeddings?api-version=1',
      headers: { authorization: 'Bearer sk-one', 'x-team': 'search', 'content-type': 'application/json' },
    })
    expect(JSON.parse(call?.body.toString() ?? '')).toEqual({ model: 'm', input: ['b', 'a', 'b'], dimensions: 4 })
    expect(id).toBe(`m 4 ${new URL(provider.origin).host}`)
  })

  test('sends no key where there is none, and no texts where there are none', async () => {
    const provider = await startProvider()
    const { embed } = httpEmbedder({ baseURL: provider.origin, model: 'm' })
    expect(await embed([])).toEqual([])
    await embed(['a'])
    expect(provider.calls.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/embeddings', undefined],
    ])
  })

  test('asks for many texts in several calls', async () => {
    const provider = await startProvider()
    const texts = Array.from({ length: 70 }, (_, at) => `text ${at}`)
    const { embed } = httpEmbedder({ baseURL: `${provider.origin}/v1`, model: 'm' })
    expect(await embed(texts)).toEqual(texts.map(vector))
    expect(inputsOf(provider).map((input) => (input as string[]).length)).toEqual([32, 32, 6])
  })

  test.each([
    ['a status', { status: 401 }, 'The embeddings server answered 401'],
    ['no JSON', { events: ['<html>secret'] }, 'The embeddings server answered 200 without JSON'],
    [
      'no vectors',
      { events: ['{"secret":1}'] },
      'The embeddings server answered 200 with something else than 1 vectors',
    ],
  ])('rejects with the status and no word of the body on %s', async (_name, behaviour, message) => {
    const provider = await startProvider()
    provider.always(behaviour)
    const { embed } = httpEmbedder({ baseURL: `${provider.origin}/v1`, model: 'm', apiKey: 'sk-one' })
    await expect(embed(['secret'])).rejects.toThrow(new Error(message))
  })

  test.each([
    [{ model: 'm' }, 'httpEmbedder.baseURL must be a string, not undefined'],
    [{ baseURL: 'https://h/v1' }, 'httpEmbedder.model must be a string, not undefined'],
    [{ baseURL: 'secret', model: 'm' }, 'httpEmbedder.baseURL must be a base URL such as https://api.openai.com/v1'],
    [{ baseURL: 'https://me:secret@h/v1', model: 'm' }, 'httpEmbedder.baseURL must be a URL without user and password'],
    [
      { baseURL: 'https://h/v1', model: 'm', apiKey: 'secret\n' },
      'httpEmbedder.apiKey must be a string that can stand',
    ],
    [{ baseURL: 'https://h/v1', model: 'm', apikey: 'secret' }, 'httpEmbedder.apikey does not exist; the nearest'],
    [{ baseURL: 'https://h/v1', model: 'm', dimensions: 0 }, 'httpEmbedder.dimensions must be an integer from 1'],
    [
      { baseURL: 'https://h/v1', model: 'm', headers: { a: 1 } },
      'httpEmbedder.headers.a must be a string that can stand',
    ],
  ])('names what is wrong with %o', (options, message) => {
    const make = (): unknown => httpEmbedder(options as never)
    expect(make).toThrow(TypeError)
    expect(make).toThrow(message)
    expect(make).not.toThrow('secret')
  })
})

describe("an httpEmbedder's calls go through the cache that it belongs to", () => {
  test('which knows its server: a text is asked for once, also where a new cache is made', async () => {
    const path = `${await makeFolder({})}/cache.db`
    const first = await setUp({ store: sqliteStore({ path }) })
    expect([await first.ask(QUESTION), await first.ask(SAME)]).toEqual(['MISS', 'HIT'])
    expect(inputsOf(first.vectors).flat()).toEqual([QUESTION, SAME])
    const calls = first.vectors.calls.length
    await first.cache.close()
    const second = await setUp({ store: sqliteStore({ path }) }, [first.vectors, first.provider])
    expect(await second.embed([QUESTION, SAME])).toEqual([vector(QUESTION), vector(SAME)])
    expect(first.vectors.calls).toHaveLength(calls)
  })

  test('and no other call to its server does', async () => {
    const { vectors } = await setUp()
    const chat = await askAt(`${vectors.origin}/v1/chat/completions`)
    expect([chat.status, chat.cache]).toEqual([200, null])
  })

  test('whatever the scope of the first caller says', async () => {
    const { cache, ask } = await setUp()
    await cache.with({ namespace: 'one', mode: 'refresh' }, () => ask(QUESTION))
    expect(await cache.with({ namespace: 'one' }, () => ask(SAME))).toBe('HIT')
    const endpointsOf = (filter: object): string[] => [...cache.entries(filter)].map(({ endpoint }) => endpoint)
    expect(endpointsOf({ namespace: 'one' })).toEqual(['/v1/chat/completions'])
    expect(endpointsOf({})).toContain('/v1/embeddings')
  })

  test('and one that is down costs no answer', async () => {
    const { vectors, ask } = await setUp()
    vectors.always({ status: 503 })
    expect([await ask(QUESTION), await ask(SAME), await ask(QUESTION)]).toEqual(['MISS', 'MISS', 'HIT'])
  })
})

/** What stands in for the package: it tells how it is called, and gives each text's length as its vector. */
const STAND_IN = `
let loads = 0
exports.pipeline = async (task, model, options) => {
  if (process.env.FAILS && ++loads === 1) throw new Error('no network')
  return async (texts, how) => ({ tolist: () => texts.map((text) => [text.length, task, model, options, how, loads]) })
}`

async function transform(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const door = JSON.stringify(new URL('../../../lib/embedders.ts', import.meta.url).href)
  const script = `import { transformersEmbedder } from ${door}
    const { embed, id } = transformersEmbedder({ model: 'Xenova/all-MiniLM-L6-v2', dtype: 'q8' })
    const tell = (value) => console.log(JSON.stringify(value))
    for (const texts of [['a', 'bc'], ['def']]) await embed(texts).then(tell, ({ code, message }) => tell({ code, message }))
    tell(id)`
  const cwd = await makeFolder({ 'app.mjs': script, ...files })
  const { stdout } = await runNode(['app.mjs'], { cwd, env })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe('transformersEmbedder', () => {
  const installed = {
    'node_modules/@huggingface/transformers/package.json': '{ "main": "./index.js" }',
    'node_modules/@huggingface/transformers/index.js': STAND_IN,
  }
  const call = ['feature-extraction', 'Xenova/all-MiniLM-L6-v2', { dtype: 'q8' }, { pooling: 'mean', normalize: true }]

  test('loads the package of the app and the model once, and gives normalised means', async () => {
    expect(await transform(installed)).toEqual([
      [
        [1, ...call, 0],
        [2, ...call, 0],
      ],
      [[3, ...call, 0]],
      'Xenova/all-MiniLM-L6-v2 q8',
    ])
  })

  test('tries again after a model could not be loaded', async () => {
    const [failed, found] = await transform(installed, { FAILS: '1' })
    expect([failed, found]).toEqual([{ message: 'no network' }, [[3, ...call, 2]]])
  })

  test('says which package is missing', async () => {
    const [failed] = await transform({ 'node_modules/other/index.js': '' })
    expect(failed).toEqual({
      code: 'ERR_LLM_CACHE_PACKAGE',
      message:
        'transformersEmbedder needs the package @huggingface/transformers (npm install @huggingface/transformers)',
    })
  })

  test.each([
    [{}, 'transformersEmbedder.model must be a string, not undefined'],
    [{ model: 'm', dtype: 'q9' }, "transformersEmbedder.dtype must be 'auto' or 'fp32'"],
  ])('names what is wrong with %o', (options, message) => {
    expect(() => transformersEmbedder(options as never)).toThrow(message)
  })
})
