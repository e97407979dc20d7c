import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { doorUrl } from '../../support/package.ts'
import { startProvider } from '../../support/start-provider.ts'
import { makeFolder, runNode } from '../../support/run-node.ts'

const VITEST = fileURLToPath(import.meta.resolve('../../../node_modules/vitest/vitest.mjs'))

/** A test file of an app's: it installs a cache and makes one call twice, with fetch and with an undici of its own. */
const TEST = `
import { expect, test } from 'vitest'
import { request } from 'undici'
import { createLlmCache } from '${doorUrl('index')}'

const url = process.env.ORIGIN + '/v1/chat/completions'
const call = (prompt) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ messages: [prompt] }) })

test('calls are cached until the cache is closed', async () => {
  const cache = createLlmCache({ hosts: [process.env.ORIGIN] })
  cache.install()
  const statuses = []
  for (let i = 0; i < 2; i++) {
    const response = await fetch(url, call('fetch'))
    await response.text()
    statuses.push(response.headers.get('x-llm-cache'))
    const { headers, body } = await request(url, call('undici'))
    await body.text()
    statuses.push(headers['x-llm-cache'])
  }
  await cache.close()
  statuses.push((await fetch(url, call('fetch'))).headers.get('x-llm-cache'))
  console.log(JSON.stringify(statuses))
})
`

test('install() in a sandbox reaches the fetch of the process, and lets go of it', async () => {
  const provider = await startProvider()
  const cwd = await makeFolder({ 'app.test.js': TEST })
  // A node:vm context for the test file, as jest makes one always.
  const args = [VITEST, 'run', '--pool', 'vmForks', '--root', cwd]
  const { stdout } = await runNode(args, { cwd, env: { ORIGIN: provider.origin, NO_COLOR: '1' } })
  expect(stdout).toContain('["MISS","MISS","HIT","HIT",null]')
})
