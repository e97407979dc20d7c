import Anthropic from '@anthropic-ai/sdk'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import OpenAI from 'openai'
import { beforeEach, describe, expect, test } from 'vitest'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { installCache } from '../../support/cache.ts'
import type { Provider } from '../../support/provider.ts'
import { runCli, runCliHere } from '../../support/run-cli.ts'
import { type Ended, makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'

let cwd: string
let provider: Provider

beforeEach(async () => {
  cwd = await makeFolder({})
  provider = await startProvider()
})

const message = (content: string): object[] => [{ role: 'user', content }]
const chatLine = (content: string): object => ({
  custom_id: content,
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model: 'gpt-5.1', messages: message(content) },
})

/** Warms the store from these lines; texts stand as they are. */
async function warm(
  lines: readonly (object | string)[],
  args: readonly string[] = [],
  env: Record<string, string> = {},
  run = runCliHere,
): Promise<Ended> {
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  await writeFile(join(cwd, 'requests.jsonl'), `${texts.join('\n')}\n`)
  return runWarm('requests.jsonl', args, env, run)
}

function runWarm(
  file: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  run = runCliHere,
): Promise<Ended> {
  const where = ['--store', 'sqlite:cache.db', '--base-url', provider.origin]
  return run(['warm', file, ...where, ...args], { cwd, env: { OPENAI_KEY: 'sk-one', ...env } })
}

const KEY = ['--credential-env', 'OPENAI_KEY']

describe('warm', () => {
  test('asks for each line once, and the SDKs find the answers', async () => {
    const anthropicLine = {
      custom_id: 'x',
      params: { model: 'claude-opus-4-5', max_tokens: 9, messages: message('c') },
    }
    const ended = await warm(
      [chatLine('a'), chatLine('b'), anthropicLine, chatLine('a')],
      [...KEY, '--concurrency', '1'],
      {},
      runCli,
    )
    expect(ended).toEqual({ code: 0, stdout: '4 lines: 1 were there, 3 called for, 3 stored, 0 failed\n', stderr: '' })
    expect(provider.calls.map(({ headers }) => headers['x-llm-cache'])).toEqual([undefined, undefined, undefined])

    const { origin } = provider
    const cache = installCache({
      hosts: [origin],
      store: sqliteStore({ path: join(cwd, 'cache.db') }),
      storeTimeout: 10,
    })
    const openai = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'sk-one' })
    await openai.chat.completions.create({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'b' }] })
    const anthropic = new Anthropic({ baseURL: origin, apiKey: 'sk-one' })
    await anthropic.messages.create({
      model: 'claude-opus-4-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'c' }],
    })
    expect([cache.stats().hits, provider.calls.length]).toEqual([2, 3])
  })

  test('sends the headers that are given, for a client that sends others', async () => {
    const line = { custom_id: 'x', params: { model: 'claude-opus-4-5', max_tokens: 9, messages: message('c') } }
    const headers = ['--credential-header', 'x-api-key', '--header', 'anthropic-version: 2023-06-01']
    expect((await warm([line], [...KEY, ...headers])).stdout).toContain('1 stored')
    expect(provider.calls[0]?.headers).toMatchObject({ 'x-api-key': 'sk-one', 'anthropic-version': '2023-06-01' })
    expect(provider.calls[0]?.headers['authorization']).toBeUndefined()
  })

  test('goes on where it was broken off: what is there is not asked for again', async () => {
    await warm([chatLine('a'), chatLine('b')], KEY)
    const ended = await warm([chatLine('a'), chatLine('b'), chatLine('c')], KEY)
    expect(ended.stdout).toBe('3 lines: 2 were there, 1 called for, 1 stored, 0 failed\n')
    expect(provider.calls).toHaveLength(3)
  })

  test('keeps lines that failed apart, in a file that can be warmed again', async () => {
    provider.script({ status: 400 })
    const ended = await warm([chatLine('a'), 'nonsense', chatLine('b')], [...KEY, '-c', '1'])
    expect(ended).toEqual({
      code: 1,
      stdout: '3 lines: 0 were there, 1 called for, 1 stored, 2 failed\n',
      stderr: [
        '1 failed: status 400',
        '1 failed: it is no JSON object',
        'The lines that failed are in requests.jsonl.errors.jsonl\n',
      ].join('\n'),
    })
    const file = join(cwd, 'requests.jsonl.errors.jsonl')
    const [first, second] = (await readFile(file, 'utf8')).split('\n').map((line) => line && JSON.parse(line))
    expect(first).toEqual({
      ...chatLine('a'),
      error: { line: 1, status: 400, message: expect.stringContaining('status 400') },
    })
    expect(second).toEqual({ error: { line: 2, message: 'it is no JSON object' } })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await runWarm('requests.jsonl.errors.jsonl', KEY)).stdout).toContain('1 called for, 1 stored, 1 failed')
  })

  test('keeps a line that is no request as it is', async () => {
    const line = { custom_id: 'mine', method: 'GET', url: '/v1/models' }
    expect((await warm([line], KEY)).stderr).toMatch(/^1 failed: its method is not POST\n/)
    const kept = await readFile(join(cwd, 'requests.jsonl.errors.jsonl'), 'utf8')
    expect(JSON.parse(kept)).toEqual({ ...line, error: { line: 1, message: 'its method is not POST' } })
  })

  test('tries again what a provider was too busy for', async () => {
    provider.script({ status: 429, headers: { 'retry-after': '0' } }, { status: 529, headers: { 'retry-after': '0' } })
    expect((await warm([chatLine('a')], KEY)).stdout).toContain('1 called for, 1 stored, 0 failed')
    expect(provider.calls).toHaveLength(3)
  })

  test('says what was answered but not stored', async () => {
    provider.script({
      events: [JSON.stringify({ choices: [{ index: 0, message: { content: '' }, finish_reason: 'stop' }] })],
    })
    const ended = await warm([chatLine('a')], KEY)
    expect(ended).toEqual({
      code: 0,
      stdout: '1 line: 0 were there, 1 called for, 0 stored, 0 failed\n',
      stderr: '1 not stored: empty\n',
    })
  })

  test('calls several lines at once, as many as are asked for', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    provider.always({ first: gate })
    const ended = warm(['a', 'b', 'c', 'd', 'e'].map(chatLine), [...KEY, '--concurrency', '3'], {}, runCli)
    await expect.poll(() => provider.calls.length).toBe(3)
    open()
    expect((await ended).stdout).toContain('5 stored')
  })

  test('counts as JSON', async () => {
    expect(JSON.parse((await warm([chatLine('a')], [...KEY, '--json'])).stdout)).toEqual({
      lines: 1,
      called: 1,
      there: 0,
      failed: 0,
      stored: 1,
      refusals: {},
    })
  })

  test('follows the variables of the app: its namespace, its key for the store', async () => {
    const env = { LLM_CACHE_NAMESPACE: 'docs', LLM_CACHE_ENCRYPTION_KEY: 'k'.repeat(32), LLM_CACHE_POLICY: 'opt-in' }
    expect((await warm([chatLine('a')], [], env)).stdout).toContain('1 stored')
    const { stdout } = await runCliHere(['ls', '--store', 'sqlite:cache.db', '--namespace', 'docs', '--json'], { cwd })
    expect(stdout).toContain('"namespace":"docs"')
  })
})

describe('warm makes no call', () => {
  test('whose answer could not be sealed', async () => {
    expect((await warm([chatLine('a')])).stdout).toContain('0 stored, 1 failed')
    expect(await readFile(join(cwd, 'requests.jsonl.errors.jsonl'), 'utf8')).toContain('--credential-env NAME')
    expect(provider.calls).toHaveLength(0)
  })

  test.for<[string, string[], string]>([
    ['with a variable that is not set', ['--credential-env', 'NO_KEY'], 'the variable NO_KEY is not set'],
    ['with no number', ['--concurrency', 'many'], 'a whole number, 1 or more'],
    ['with no URL', ['--base-url', 'localhost'], 'a URL such as'],
    ['with no header', ['--header', 'nonsense'], "'name: value'"],
    ['that would write over its requests', ['--errors', './requests.jsonl'], 'the file of requests itself'],
  ])('%s', async ([, args, message]) => {
    expect(await warm([chatLine('a')], args)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(message) })
    expect(provider.calls).toHaveLength(0)
  })

  test('and no store, of a file that is not there', async () => {
    expect(await runWarm('none.jsonl', [], {}, runCli)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('ENOENT'),
    })
    expect(await readdir(cwd)).not.toContain('cache.db')
  })
})
