import { writeFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { LlmCacheOptions } from '../../../lib/index.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { installCache } from '../../support/cache.ts'
import { chat } from '../../support/calls.ts'
import { runCli, runCliHere } from '../../support/run-cli.ts'
import { makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'

interface Bed {
  readonly keys: readonly string[]
  readonly explain: (what: string | object, env?: Record<string, string>, run?: typeof runCli) => Promise<string>
}

/** A store with the answers to these calls, all of one API key. */
async function open(calls: readonly object[], options: LlmCacheOptions = { explain: true }): Promise<Bed> {
  const cwd = await makeFolder({})
  const provider = await startProvider()
  const store = sqliteStore({ path: `${cwd}/answers.db` })
  const cache = installCache({ hosts: [provider.origin], store, ...options })
  const keys: string[] = []
  for (const fields of calls) {
    const answer = await chat(provider.origin, fields)
    await answer.text()
    keys.push(answer.headers.get('x-llm-cache-key') ?? '')
  }
  await cache.flush()
  await cache.close()
  const url = `${provider.origin}/v1/chat/completions`
  return {
    keys,
    async explain(what, env = { KEY: 'sk-one' }, run = runCliHere) {
      const body = { model: 'gpt-5.1', messages: [{ role: 'user', content: 'Say something.' }] }
      const file = typeof what === 'string' ? what : `${cwd}/request.json`
      if (typeof what === 'object') await writeFile(file, JSON.stringify({ url, body: { ...body, ...what } }))
      const args = ['explain', file, '--store', 'sqlite:answers.db', '--credential-env', 'KEY']
      const { code, stdout, stderr } = await run(args, { cwd, env: { LLM_CACHE_HOSTS: provider.origin, ...env } })
      return code === 0 ? stdout : `${code} ${stderr}`
    },
  }
}

describe('explain REQUEST.json', () => {
  test('says that the call would be answered', async () => {
    const { keys, explain } = await open([{}])
    expect(await explain({})).toMatch(new RegExp(`^${keys[0]}: stored, good for \\d+ s\n$`))
  })

  test('says of an answer that was stored while the clock was ahead that it counts as missing', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
    onTestFinished(() => void vi.useRealTimers())
    const { keys, explain } = await open([{}])
    // In a process of its own the clock is right.
    expect(await explain({}, undefined, runCli)).toBe(`${keys[0]}: stored while a clock was ahead, counts as missing\n`)
  })

  test('names the nearest entry and what differs', async () => {
    const { keys, explain } = await open([{ messages: [] }, { metadata: { trace: 'a' } }])
    const told = await explain({ metadata: { trace: 'b' } })
    expect(told).toMatch(/^[0-9a-f]{64}: not stored\n/)
    expect(told).toContain(`nearest ${keys[1]}: differs: body metadata.trace\n`)
  })

  test('compares with nothing of another API key', async () => {
    const { explain } = await open([{ seed: 1 }])
    expect(await explain({ seed: 2 }, { KEY: 'sk-two' })).toContain('nothing of this API key')
  })

  test('says so where entries were stored without explain', async () => {
    const { explain } = await open([{ seed: 1 }], {})
    expect(await explain({ seed: 2 })).toContain('nothing of this API key that was stored with the option explain')
  })

  test('a file that is no JSON is named, and nothing of it is shown', async () => {
    const { explain } = await open([{}])
    const folder = await makeFolder({ 'broken.json': '{"body":"a secret question' })
    expect(await explain(`${folder}/broken.json`)).toBe(`1 undici-llm-cache: ${folder}/broken.json is no JSON\n`)
  })

  test('reads a file that begins with a byte order mark', async () => {
    const { explain } = await open([{}])
    const folder = await makeFolder({ 'windows.json': '\uFEFF{"url":"https://example.com/","body":{}}' })
    expect(await explain(`${folder}/windows.json`)).toContain('url is that of no known endpoint')
  })

  test('a file that is no call, or is not there, is a failure of one line', async () => {
    const { explain } = await open([{}])
    expect(await explain('nothing.json')).toMatch(/^1 undici-llm-cache: ENOENT/)
  })
})

describe('explain KEY', () => {
  test('names the nearest entry and what differs', async () => {
    const { keys, explain } = await open([{ seed: 1 }, { seed: 2 }])
    const told = await explain(keys[0] ?? '')
    expect(told).toMatch(/^stored, good for \d+ s\n/)
    expect(told).toContain(`nearest ${keys[1]}: differs: body seed\n`)
  })

  test('takes the beginning of a key, as ls prints it', async () => {
    const { keys, explain } = await open([{}])
    expect(await explain(keys[0]?.slice(0, 12) ?? '')).toMatch(/^stored, good for /)
    expect(await explain('0'.repeat(12))).toBe(`1 undici-llm-cache: no key begins with ${'0'.repeat(12)}\n`)
  })

  test('says that there is no such entry', async () => {
    const { explain } = await open([{}])
    expect(await explain('0'.repeat(64))).toMatch(/^1 .*there is no such entry/)
  })
})

test('what is kept for it is no text of a call', async () => {
  const cwd = await makeFolder({})
  const provider = await startProvider()
  const path = `${cwd}/answers.db`
  const cache = installCache({
    hosts: [provider.origin],
    store: sqliteStore({ path, encryption: 'none' }),
    explain: true,
  })
  await (await chat(provider.origin, { messages: [{ role: 'user', content: 'a very secret prompt' }] })).text()
  await cache.flush()
  let lines = ''
  for await (const line of cache.export()) lines += line
  expect(lines).toContain('body messages[0].content')
  expect(lines).not.toContain('secret')
  expect(lines).not.toContain('sk-one')
})
