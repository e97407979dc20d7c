import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startProvider } from '../../support/start-provider.ts'
import { startProxy } from '../../support/proxy.ts'

const run = promisify(execFile)
const register = new URL('../../../lib/register.ts', import.meta.url).href

const APP = `
async function main() {
  const statuses = []
  for (let i = 0; i < 2; i++) {
    const response = await fetch(process.env.ORIGIN + '/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [], stream: true }),
    })
    await response.text()
    statuses.push(response.headers.get('x-llm-cache'))
  }
  console.log(JSON.stringify(statuses))
}
main()
`

/** Runs an app that makes one call twice, and gives what it saw and what it wrote to stderr. */
async function runApp(file: string, env: Record<string, string>): Promise<{ statuses: unknown; stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'llm-cache-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, file), APP)
  const { stdout, stderr } = await run(process.execPath, ['--import', register, join(folder, file)], {
    env: { PATH: process.env['PATH'], ...env },
  })
  return {
    statuses: JSON.parse(stdout),
    stderr: stderr.replaceAll(/^.*(ExperimentalWarning|--trace-warnings).*\n/gm, ''),
  }
}

test.for(['app.mjs', 'app.cjs'])('register caches the calls of %s without a line of code', async (file) => {
  const provider = await startProvider()
  const { statuses, stderr } = await runApp(file, { ORIGIN: provider.origin, LLM_CACHE_HOSTS: provider.origin })
  expect({ statuses, stderr }).toEqual({ statuses: ['MISS', 'HIT'], stderr: '' })
  expect(provider.calls).toHaveLength(1)
})

test('install() calls no fetch, which an app may have mocked, and still finds the built-in one', async () => {
  const provider = await startProvider()
  const app = `
    const real = globalThis.fetch
    globalThis.fetch = () => { throw new Error('a call that no mock expects') }
    const { createLlmCache } = await import(${JSON.stringify(new URL('../../../lib/index.ts', import.meta.url).href)})
    createLlmCache({ hosts: [process.env.ORIGIN] }).install()
    globalThis.fetch = real
    ${APP}`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', app], {
    env: { PATH: process.env['PATH'], ORIGIN: provider.origin },
  })
  expect(JSON.parse(stdout)).toEqual(['MISS', 'HIT'])
})

test('LLM_CACHE=off leaves every call alone', async () => {
  const provider = await startProvider()
  const env = { ORIGIN: provider.origin, LLM_CACHE_HOSTS: provider.origin, LLM_CACHE: 'off' }
  expect((await runApp('app.mjs', env)).statuses).toEqual([null, null])
})

test('an empty variable counts as unset, and a wrong one is named in one line', async () => {
  const provider = await startProvider()
  const env = { ORIGIN: provider.origin, LLM_CACHE_HOSTS: provider.origin, LLM_CACHE: '' }
  const { statuses, stderr } = await runApp('app.mjs', { ...env, LLM_CACHE_TTL: 'an hour' })
  expect(statuses).toHaveLength(2)
  expect(stderr).toMatch(/^[^\n]*LLM_CACHE_TTL[^\n]*\n$/)
})

test('register keeps the proxy that NODE_USE_ENV_PROXY sets up', async () => {
  const [provider, proxy] = [await startProvider(), await startProxy()]
  const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.origin, NO_PROXY: '' }
  const { statuses } = await runApp('app.mjs', { ...env, ORIGIN: provider.origin, LLM_CACHE_HOSTS: provider.origin })
  expect(statuses).toEqual(['MISS', 'HIT'])
  expect(proxy.asked).toHaveLength(1)
})
