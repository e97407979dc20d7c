import { expect, test } from 'vitest'
import { rowAt } from '../../support/rows.ts'
import { startProvider } from '../../support/start-provider.ts'
import { askAt, setUp } from './set-up.ts'
import { installCache } from '../../support/cache.ts'

const ann = { apiKey: 'sk-ann' }
const bob = { apiKey: 'sk-bob' }

test('tenants never share an answer (litellm#29955)', async () => {
  const { ask, provider } = await setUp()
  const [first, second] = [await ask(ann), await ask(bob)]
  expect(second).toMatchObject({ cache: 'MISS' })
  expect([(await ask(ann)).text, (await ask(bob)).text]).toEqual([first.text, second.text])
  expect(provider.calls).toHaveLength(2)
})

test('tenants never share a call that is on its way (litellm#29955)', async () => {
  const { ask, provider } = await setUp()
  provider.always({ first: 20 })
  const [first, second] = await Promise.all([ask(ann), ask(bob)])
  expect([first.cache, second.cache]).toEqual(['MISS', 'MISS'])
  expect(first.text).not.toBe(second.text)
})

test('nobody can probe what others asked: their answers are misses, under other keys (litellm#29955)', async () => {
  const { ask } = await setUp()
  const stored = await ask(ann)
  const probe = await ask({ ...bob, headers: { 'x-llm-cache': 'only' } })
  expect(probe).toMatchObject({ status: 504, cache: 'MISS' })
  expect(probe.key).not.toBe(stored.key)
})

test('a credential that only looks alike is another one (litellm#29955)', async () => {
  const { ask } = await setUp()
  await ask({ apiKey: 'sk-one' })
  for (const apiKey of ['sk-One', 'sk-one1', 'sk-on', 'SK-ONE']) expect((await ask({ apiKey })).cache).toBe('MISS')
})

test('clearing reaches the answer of the one who asks, and of nobody else (litellm-rs#515)', async () => {
  const { ask } = await setUp()
  const [first, second] = [await ask(ann), await ask(bob)]
  const cleared = await ask({ ...ann, headers: { 'x-llm-cache-clear': 'true' } })
  expect(cleared.text).not.toBe(first.text)
  expect(await ask(ann)).toMatchObject({ cache: 'HIT', text: cleared.text })
  expect(await ask(bob)).toMatchObject({ cache: 'HIT', text: second.text })
})

test('deleting by key takes the answer of that one user (litellm-rs#515)', async () => {
  const { ask, cache } = await setUp()
  const [first] = [await ask(ann), await ask(bob)]
  expect(await cache.delete(first.key)).toBe(true)
  expect([(await ask(ann)).cache, (await ask(bob)).cache]).toEqual(['MISS', 'HIT'])
})

test.for([
  ['set-cookie', 'session=of-the-first; HttpOnly'],
  ['x-ratelimit-remaining-requests', '7'],
  ['retry-after', '30'],
  ['www-authenticate', 'Bearer realm="first"'],
] as const)('%s of the first caller reaches nobody else (CVE-2026-13697)', async ([name, value]) => {
  const { ask, provider } = await setUp()
  provider.script({ headers: { [name]: value } })
  expect((await ask()).headers.get(name)).toBe(value)
  const hit = await ask()
  expect(hit.cache).toBe('HIT')
  expect(hit.headers.has(name)).toBe(false)
})

const GATEWAYS = {
  portkey: [
    'x-portkey-api-key',
    'x-portkey-virtual-key',
    'x-portkey-config',
    'x-portkey-provider',
    'x-portkey-custom-host',
    'x-portkey-metadata',
    'x-portkey-aws-access-key-id',
    'x-portkey-aws-secret-access-key',
  ],
  helicone: ['helicone-auth', 'helicone-target-url', 'helicone-target-provider', 'helicone-fallbacks'],
  braintrust: ['x-bt-org-name', 'x-bt-project-id'],
  pinecone: ['api-key', 'x-pinecone-api-version'],
} as const
const TENANTS = Object.entries(GATEWAYS).flatMap(([id, names]) => names.map((name) => [id, name] as const))

test.for(TENANTS)('two tenants of %s who differ in %s alone never share an answer', async ([id, name]) => {
  const provider = await startProvider()
  installCache({ providers: rowAt(id)(provider.origin) })
  const path = id === 'pinecone' ? '/rerank' : '/v1/chat/completions'
  const fields = { documents: ['a text'] }
  const ask = (value: string): ReturnType<typeof askAt> =>
    askAt(provider.origin, { path, fields, headers: { [name]: value } })
  const first = await ask('one')
  expect(first).toMatchObject({ cache: 'MISS' })
  expect(await ask('two')).toMatchObject({ cache: 'MISS' })
  expect(await ask('one')).toMatchObject({ cache: 'HIT', text: first.text })
})

test('a function that a gateway runs itself looks outside there, and nowhere else', async () => {
  const portkey = await startProvider()
  const { ask } = await setUp({ providers: rowAt('portkey')(portkey.origin) })
  const fields = { tools: [{ type: 'function', function: { name: 'google_search' } }] }
  expect(await askAt(portkey.origin, { fields })).toMatchObject({ cache: 'BYPASS' })
  expect(await ask({ fields })).toMatchObject({ cache: 'MISS' })
})
