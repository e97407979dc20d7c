import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { isInstalled } from '../support/binary.ts'
import type { Provider } from '../support/provider.ts'
import { openRedis } from '../support/redis-server.ts'
import { recipeFile, recipeFiles } from '../support/recipes.ts'
import { type Ended, makeApp, runNode } from '../support/run-node.ts'
import { startProvider } from '../support/start-provider.ts'
import { startServer } from '../support/start-server.ts'

const NETWORK = new URL('../support/counted-network.ts', import.meta.url).href

function bin(path: string): string {
  return fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url))
}

function settings({ origin }: Provider): Record<string, string> {
  return { OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: 'sk-one', LLM_CACHE_HOSTS: origin, NO_COLOR: '1' }
}

const CALL_TWICE = `
const statuses = []
for (let i = 0; i < 2; i++) {
  const response = await fetch(process.env.OPENAI_BASE_URL + '/chat/completions', {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"messages":[]}',
  })
  await response.text()
  statuses.push(response.headers.get('x-llm-cache'))
}
`

test('the script asks each question once', async () => {
  const provider = await startProvider()
  const cwd = await makeApp(recipeFiles('batch.mjs'))
  const args = ['--import', 'undici-llm-cache/register', 'batch.mjs']
  expect(await runNode(args, { cwd, env: settings(provider) })).toMatchObject({ code: 0, stderr: '' })
  expect(provider.calls).toHaveLength(2)
})

test('the script in TypeScript, by tsx', async () => {
  const provider = await startProvider()
  const cwd = await makeApp({ 'batch.ts': recipeFile('batch.mjs'), 'package.json': '{ "type": "module" }' })
  const args = [bin('tsx/dist/cli.mjs'), '--import', 'undici-llm-cache/register', 'batch.ts']
  expect(await runNode(args, { cwd, env: settings(provider) })).toMatchObject({ code: 0 })
  expect(provider.calls).toHaveLength(2)
})

test('the config file sets its options', async () => {
  const cwd = await makeApp(recipeFiles('llm-cache.config.mjs'))
  const print = `import('undici-llm-cache/register').then(({ cache }) => console.log(typeof cache))`
  const env = { LLM_CACHE_CONFIG: 'llm-cache.config.mjs', LLM_CACHE_STRICT: '1' }
  expect(await runNode(['-e', print], { cwd, env })).toEqual({ code: 0, stdout: 'object\n', stderr: '' })
})

test('the Express server streams the same answer twice, and asks for it once', async () => {
  const server = `${recipeFile('server.mjs')}\nserver.on('listening', () => console.log('up'))`
  const port = await freePort()
  const env = { PORT: String(port), ANTHROPIC_API_KEY: 'sk-one' }
  const started = await startServer(['--import', NETWORK, 'server.mjs'], /^up$/m, {
    cwd: await makeApp({ 'server.mjs': server }),
    env,
  })
  const ask = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/ask?q=hi`)).text()
  const [first, second] = [await ask(), await ask()]
  expect(first).toMatch(/\w+/)
  expect(second).toBe(first)
  expect(await started.end()).toContain('network calls: 1\n')
})

test('the vitest config caches the calls of every test file', async () => {
  const provider = await startProvider()
  const spec = `
    import { expect, test } from 'vitest'
    test('calls', async () => {
      ${CALL_TWICE}
      expect(statuses).toEqual(['MISS', 'HIT'])
    })`
  const cwd = await makeApp({ 'vitest.config.js': recipeFile('vitest.config.js'), 'app.test.js': spec })
  const args = [bin('vitest/vitest.mjs'), 'run', '--root', cwd]
  for (const pool of ['forks', 'threads', 'vmForks', 'vmThreads']) {
    const { code, stdout } = await runNode([...args, '--pool', pool], { cwd, env: settings(provider) })
    expect([pool, code, stdout.includes('1 passed')]).toEqual([pool, 0, true])
  }
})

test.for<[string, string, string]>([
  ['by register', '--import undici-llm-cache/register', ''],
  [
    'by install() in a test file',
    '--experimental-vm-modules',
    `const { createLlmCache } = await import('undici-llm-cache')
     const cache = createLlmCache({ hosts: [process.env.LLM_CACHE_HOSTS] })
     cache.install()
     afterAllDo = () => cache.close()`,
  ],
])('jest: calls of a test file are cached %s', async ([, options, install]) => {
  const provider = await startProvider()
  const spec = `
    let afterAllDo = () => undefined
    afterAll(() => afterAllDo())
    test('calls', async () => {
      ${install}
      ${CALL_TWICE}
      expect(statuses).toEqual(['MISS', 'HIT'])
    })`
  const cwd = await makeApp({ 'app.test.js': spec, 'package.json': '{ "jest": {} }' })
  const env = { ...settings(provider), NODE_OPTIONS: options }
  const { code, stderr } = await runNode([bin('jest/bin/jest.js'), '--rootDir', cwd], { cwd, env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('1 passed') })
})

test.runIf(isInstalled('redis-server'))(
  'two instances on Redis share the answers of one API key, and of no other',
  async () => {
    await using redis = await openRedis()
    const provider = await startProvider()
    // On a busy machine a connection may take longer than usual.
    const cwd = await makeApp({ ...recipeFiles('batch.mjs'), 'patient.json': '{ "storeTimeout": 10 }' })
    const counts: number[] = []
    for (const OPENAI_API_KEY of ['sk-one', 'sk-one', 'sk-two']) {
      const env = {
        ...settings(provider),
        OPENAI_API_KEY,
        LLM_CACHE_STORE: redis.url,
        LLM_CACHE_CONFIG: 'patient.json',
      }
      const args = ['--import', 'undici-llm-cache/register', 'batch.mjs']
      expect(await runNode(args, { cwd, env })).toMatchObject({ code: 0, stderr: '' })
      counts.push(provider.calls.length)
    }
    expect(counts).toEqual([2, 2, 4])
  },
)

test('a dispatcher of the app goes through the cache where it is composed into it', async () => {
  const provider = await startProvider()
  const figures = "console.log(JSON.stringify([statuses, cache?.stats().unmatched ?? 'off']))"
  const cwd = await makeApp({ 'dispatcher.mjs': recipeFile('dispatcher.mjs') + CALL_TWICE + figures })
  const args = ['--import', 'undici-llm-cache/register', 'dispatcher.mjs']
  const run = (LLM_CACHE: string): Promise<Ended> => runNode(args, { cwd, env: { ...settings(provider), LLM_CACHE } })
  expect(await run('on')).toEqual({ code: 0, stdout: '[["MISS","HIT"],{}]\n', stderr: '' })
  expect(await run('off')).toEqual({ code: 0, stdout: '[[null,null],"off"]\n', stderr: '' })
})
