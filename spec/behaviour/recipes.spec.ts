import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'
import { expect, onTestFinished, test } from 'vitest'
import type { Provider } from '../support/provider.ts'
import { makeApp, runNode } from '../support/run-node.ts'
import { startProvider } from '../support/start-provider.ts'

const readme = await readFile(new URL('../../lib/cli/README.md', import.meta.url), 'utf8')
const NETWORK = new URL('../support/readme-preload.ts', import.meta.url).href

/** The code of the recipe with this title, as it is written. */
function recipe(title: string): string {
  const section = readme.split(/^###? /m).find((text) => text.startsWith(title))
  return section?.split(/^```(?:js)?\n/m)[1]?.split(/^```$/m)[0] ?? expect.fail(`no recipe ${title}`)
}

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
  const cwd = await makeApp({ 'batch.mjs': recipe('A script') })
  const args = ['--import', 'undici-llm-cache/register', 'batch.mjs']
  expect(await runNode(args, { cwd, env: settings(provider) })).toMatchObject({ code: 0, stderr: '' })
  expect(provider.calls).toHaveLength(2)
})

test('the script in TypeScript, by tsx', async () => {
  const provider = await startProvider()
  const cwd = await makeApp({ 'batch.ts': recipe('A script'), 'package.json': '{ "type": "module" }' })
  const args = [bin('tsx/dist/cli.mjs'), '--import', 'undici-llm-cache/register', 'batch.ts']
  expect(await runNode(args, { cwd, env: settings(provider) })).toMatchObject({ code: 0 })
  expect(provider.calls).toHaveLength(2)
})

test('the config file sets its options', async () => {
  const cwd = await makeApp({ 'llm-cache.config.mjs': recipe('Variables') })
  const print = `import('undici-llm-cache/register').then(({ cache }) => console.log(typeof cache))`
  const env = { LLM_CACHE_CONFIG: 'llm-cache.config.mjs', LLM_CACHE_STRICT: '1' }
  expect(await runNode(['-e', print], { cwd, env })).toEqual({ code: 0, stdout: 'object\n', stderr: '' })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a listening TCP server has one
  server.close()
  await once(server, 'close')
  return port
}

test('the Express server streams the same answer twice, and asks for it once', async () => {
  const cwd = await makeApp({ 'server.mjs': `${recipe('Express')}\nserver.on('listening', () => console.log('up'))` })
  const port = await freePort()
  const env = { PATH: process.env['PATH'], PORT: String(port), ANTHROPIC_API_KEY: 'sk-one' }
  const child = spawn(process.execPath, ['--import', NETWORK, 'server.mjs'], { cwd, env })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said: string[] = []
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk.toString()))
  await once(child.stdout, 'data')
  const ask = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/ask?q=hi`)).text()
  const [first, second] = [await ask(), await ask()]
  child.kill('SIGTERM')
  await once(child, 'close')
  expect(first).toMatch(/\w+/)
  expect(second).toBe(first)
  expect(said.join('')).toContain('network calls: 1\n')
})

test('the vitest config caches the calls of every test file', async () => {
  const provider = await startProvider()
  const spec = `
    import { expect, test } from 'vitest'
    test('calls', async () => {
      ${CALL_TWICE}
      expect(statuses).toEqual(['MISS', 'HIT'])
    })`
  const cwd = await makeApp({ 'vitest.config.js': recipe('vitest'), 'app.test.js': spec })
  const args = [bin('vitest/vitest.mjs'), 'run', '--root', cwd]
  for (const pool of ['forks', 'threads', 'vmForks']) {
    const { code, stdout } = await runNode([...args, '--pool', pool], { cwd, env: settings(provider) })
    expect([pool, code, stdout.includes('1 passed')]).toEqual([pool, 0, true])
  }
})

/** The package's main door as one JavaScript file. */
async function bundle(): Promise<string> {
  const input = fileURLToPath(new URL('../../lib/index.ts', import.meta.url))
  const { output } = await build({
    input,
    platform: 'node',
    external: [/^[^./]/],
    output: { codeSplitting: false },
    write: false,
  })
  return output[0].code
}

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
  // jest compiles no TypeScript.
  const index = { 'node_modules/undici-llm-cache/index.mjs': await bundle() }
  const cwd = await makeApp({ 'app.test.js': spec, 'package.json': '{ "jest": {} }', ...index })
  const env = { ...settings(provider), NODE_OPTIONS: options }
  const { code, stderr } = await runNode([bin('jest/bin/jest.js'), '--rootDir', cwd], { cwd, env })
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('1 passed') })
})
