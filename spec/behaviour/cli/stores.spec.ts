import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { EntryInfo, LlmCache } from '../../../lib/index.ts'
import { redisStore } from '../../../lib/stores/redis.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { isInstalled } from '../../support/binary.ts'
import { installCache } from '../../support/cache.ts'
import { chat, statusOf } from '../../support/calls.ts'
import { CLIENTS } from '../../support/redis-clients.ts'
import { openRedis } from '../../support/redis-server.ts'
import { makeEntry } from '../../../lib/stores/contract.ts'
import { writeRecordLine } from '../../../lib/stores/record-lines.ts'
import { clearRecord } from '../../../lib/stores/transfer.ts'
import { runCli, runCliHere } from '../../support/run-cli.ts'
import { CLI } from '../../support/package.ts'
import { childEnv, type Ended, makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'

const WRONG = { code: 2, stdout: '' }
const STORE = 'sqlite:cache.db'

let cwd: string
/** An app that runs, on the store that the command line works on. */
let cache: LlmCache
let origin: string

beforeEach(async () => {
  cwd = await makeFolder({})
  origin = (await startProvider()).origin
  // On a busy machine a lookup may take longer than usual.
  cache = installCache({ hosts: [origin], store: sqliteStore({ path: join(cwd, 'cache.db') }), storeTimeout: 10 })
})

/** Runs a command on the store of the app. */
function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return runCliHere(args, { cwd, env: { LLM_CACHE_STORE: STORE, ...env } })
}

/** The same in a process of its own, which has its own clock and must come to its end: at least once for each command. */
function runProcess(args: readonly string[]): Promise<Ended> {
  return runCli(args, { cwd, env: { LLM_CACHE_STORE: STORE } })
}

/** Has the app ask for a model's answer, and store it; resolves to its key. */
async function store(model: string, headers: Record<string, string> = {}, fields: object = {}): Promise<string> {
  const response = await chat(
    origin,
    { model, ...fields },
    { headers: { 'content-type': 'application/json', authorization: 'Bearer sk-one', ...headers } },
  )
  await response.text()
  await cache.flush()
  return response.headers.get('x-llm-cache-key') ?? ''
}

describe('ls', () => {
  test('shows the newest entries first, in columns that grep and awk can read', async () => {
    await store('gpt-5.1', { 'x-llm-cache-namespace': 'docs', 'x-llm-cache-tags': 'a,b' })
    const key = await store('other-model')
    const { code, stdout, stderr } = await runProcess(['ls'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '2 entries\n' })
    const [head, ...rows] = stdout.trimEnd().split('\n')
    expect(head).toMatch(/^KEY +PROVIDER +MODEL +ENDPOINT +FORM +SIZE +AGE +TTL +HITS +NAMESPACE +TAGS$/)
    expect(rows[0]).toMatch(new RegExp(`^${key.slice(0, 12)} +local +other-model +/v1/chat/completions +whole`))
    expect(rows[1]).toMatch(/gpt-5\.1 .* docs +a,b$/)
    expect(stdout).not.toContain('\u001b')
  })

  test.for<[string[], number]>([
    [['--model', 'gpt-5.1'], 1],
    [['--provider', 'local'], 2],
    [['--provider', 'openai'], 0],
    [['--namespace', 'docs'], 1],
    [['--tag', 'b'], 1],
    [['--tag', 'b', '--model', 'other-model'], 0],
    [['--older-than', '1h'], 0],
    [['--older-than', '0'], 2],
    [['-n', '1'], 1],
  ])('%j picks', async ([args, count]) => {
    await store('gpt-5.1', { 'x-llm-cache-namespace': 'docs', 'x-llm-cache-tags': 'a,b' })
    await store('other-model')
    const { stdout } = await run(['ls', ...args])
    expect(stdout.split('\n').filter((line) => line.includes('/v1/'))).toHaveLength(count)
  })

  test('says of an answer that was stored while the clock was ahead that it is of no use, and of no negative age', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
    onTestFinished(() => void vi.useRealTimers())
    const key = await store('gpt-5.1')
    expect((await runProcess(['ls'])).stdout).toMatch(/ 0s +ahead /)
    expect((await runProcess(['show', key])).stdout).toMatch(
      /^stored .*, 0s ago\nexpires .*, counts as missing: it was stored/m,
    )
    expect((await runProcess(['stats', '--model', 'gpt-5.1'])).stdout).toContain('0s to 0s old')
  })

  test('--json writes one entry a line, all of them', async () => {
    const keys = [await store('a'), await store('b')]
    const { stdout } = await run(['ls', '--json', '-n', '1'])
    const entries = stdout
      .trimEnd()
      .split('\n')
      .map((line): EntryInfo => JSON.parse(line))
    expect(entries.map(({ key }) => key).toSorted()).toEqual(keys.toSorted())
    expect(entries[0]).toMatchObject({ provider: 'local', stream: false, hits: 0 })
  })

  test('nothing that a caller put into a name moves the cursor', async () => {
    await store('evil\u001b[2J\nmodel')
    expect((await run(['ls'])).stdout).toContain('evil?[2J?model')
  })

  test('a reader that has had enough is no failure', async () => {
    for (const model of ['a', 'b', 'c']) await store(model)
    const env = childEnv({ LLM_CACHE_STORE: STORE })
    const child = spawn(process.execPath, [CLI, 'ls', '--json'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    const errors: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    const [code]: unknown[] = await once(child, 'close')
    expect([code, Buffer.concat(errors).toString()]).toEqual([0, ''])
  })
})

describe('show', () => {
  test('prints what is known, and how the answer could be opened', async () => {
    const key = await store('gpt-5.1', { 'x-llm-cache-tags': 'a' })
    const { code, stdout, stderr } = await runProcess(['show', key.slice(0, 8)])
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^key +${key}\nprovider +local\nmodel +gpt-5.1\n`))
    expect(stdout).toMatch(/^tokens +\d+ in, \d+ out$/m)
    expect(stdout).not.toContain('assistant')
    expect(stderr).toBe('The answer is sealed under the API key that paid for it: --credential-env NAME.\n')
  })

  test('shows the answer to whoever has the key, byte for byte with --body', async () => {
    const key = await store('gpt-5.1')
    const told = await (await chat(origin, { model: 'gpt-5.1' })).text()
    const args = ['show', key, '--credential-env', 'MY_KEY']
    const env = { MY_KEY: 'sk-one' }
    expect((await run(args, env)).stdout).toContain(`content-type: application/json`)
    expect((await run([...args, '--body'], env)).stdout).toBe(told)
    const header = { MY_KEY: 'authorization: Bearer sk-one' }
    expect((await run([...args, '--body'], header)).stdout).toBe(told)
    expect(JSON.parse((await run([...args, '--json'], env)).stdout)).toMatchObject({
      key,
      answer: 'open',
      sealed: 'credential',
      status: 200,
      body: told,
    })
  })

  test('fails for the body of an answer that the key does not open', async () => {
    const key = await store('gpt-5.1')
    const args = ['show', key, '--credential-env', 'MY_KEY']
    const { stdout, stderr, code } = await run([...args, '--body'], { MY_KEY: 'sk-two' })
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: 'undici-llm-cache: the answer is sealed under another API key than that of MY_KEY\n',
    })
    expect((await run(args, { MY_KEY: 'sk-two' })).stderr).toBe(
      'The answer is sealed under another API key than that of MY_KEY.\n',
    )
    expect(await run(args)).toMatchObject({
      ...WRONG,
      stderr: expect.stringContaining('the variable MY_KEY is not set'),
    })
  })

  test('a beginning of several keys, or of none, is a failure', async () => {
    for (const model of ['a', 'b']) await store(model)
    expect(await run(['show', ''])).toMatchObject({ code: 1, stderr: 'undici-llm-cache: 2 keys begin with \n' })
    expect(await run(['show', 'xyz'])).toMatchObject({ code: 1, stderr: 'undici-llm-cache: no key begins with xyz\n' })
  })

  test('a compressed stream is shown as text', async () => {
    const provider = await startProvider()
    provider.always({ coding: 'gzip' })
    origin = provider.origin
    cache = installCache({
      hosts: [origin],
      store: sqliteStore({ path: join(cwd, 'cache.db'), encryption: { key: 'k'.repeat(32) } }),
    })
    const key = await store('gpt-5.1', { 'accept-encoding': 'gzip' }, { stream: true })
    const { stdout } = await run(['show', key], { LLM_CACHE_ENCRYPTION_KEY: 'k'.repeat(32) })
    expect(stdout).toMatch(/^form +stream$/m)
    expect(stdout).toContain('data: [DONE]')
  })
})

describe('clear', () => {
  test('takes out what is picked, from under the app that runs', async () => {
    await store('gpt-5.1')
    await store('other-model')
    const clear = ['clear', '--model', 'gpt-5.1']
    expect(await run([...clear, '--dry-run'])).toEqual({
      code: 0,
      stdout: '1 entry would go; 2 before, 2 after\n',
      stderr: '',
    })
    expect(await runProcess(clear)).toEqual({ code: 0, stdout: '1 entry is gone; 2 before, 1 after\n', stderr: '' })
    await expect.poll(async () => cache.stats().entries).toBe(1)
    expect(statusOf(await chat(origin, { model: 'other-model' }))).toBe('HIT')
    expect(statusOf(await chat(origin, { model: 'gpt-5.1' }))).toBe('MISS')
  })

  test('waits for an app that writes', async () => {
    await store('a')
    const other = new DatabaseSync(join(cwd, 'cache.db'))
    other.exec('BEGIN IMMEDIATE')
    // Longer than the process stays alive for a thread that nobody waits for.
    setTimeout(() => other.close(), 4000)
    expect(await runProcess(['clear'])).toEqual({ code: 0, stdout: '1 entry is gone; 1 before, 0 after\n', stderr: '' })
  })

  test('without a filter takes out everything; --json counts', async () => {
    for (const model of ['a', 'b']) await store(model)
    expect(JSON.parse((await run(['clear', '--json'])).stdout)).toEqual({ before: 2, picked: 2, after: 0 })
  })

  test('of one key, by its beginning', async () => {
    const key = await store('a')
    await store('b')
    expect((await run(['clear', '--key', key.slice(0, 10)])).stdout).toContain('2 before, 1 after')
  })

  test('a time that can not be read is wrong usage, and nothing is removed', async () => {
    await store('a')
    const { stderr, ...ended } = await run(['clear', '--older-than', 'a week'])
    expect(ended).toEqual(WRONG)
    expect(stderr).toContain('a time such as 90s, 15m, 12h or 7d')
    expect((await run(['ls'])).stderr).toBe('1 entry\n')
  })
})

test('stats prints what is there and what it has saved, by model or by what is asked for', async () => {
  await store('gpt-5.1', { 'x-llm-cache-namespace': 'docs' })
  await store('own-model')
  for (let i = 0; i < 3; i++) await store('gpt-5.1', { 'x-llm-cache-namespace': 'docs' })
  await store('own-model')
  const { stdout } = await runProcess(['stats'])
  expect(stdout).toMatch(/^gpt-5\.1 +1 +\d+ B +3 +\d+ +\$0\.\d+$/m)
  expect(stdout).toMatch(/^own-model +1 +\d+ B +1 +\d+ +-$/m)
  expect(stdout).toMatch(/^4 hits, which saved \d+ tokens, \$0\.\d+ \(1 hit of no known price\)$/m)
  const { all, by } = JSON.parse((await run(['stats', '--by', 'namespace', '--json'])).stdout)
  expect([all.entries, all.hits, all.unpricedHits, Object.keys(by).toSorted()]).toEqual([2, 4, 1, ['', 'docs']])
})

test('stats counts the calls of all processes, the misses and the reasons too, unless entries are picked', async () => {
  await store('gpt-5.1', { 'x-llm-cache-namespace': 'docs' })
  for (let i = 0; i < 3; i++) await store('gpt-5.1', { 'x-llm-cache-namespace': 'docs' })
  await store('own-model')
  await store('own-model', {}, { background: true })
  await cache.clear()
  const { stdout } = await run(['stats'])
  for (const span of ['24 hours', '30 days']) {
    expect(stdout).toMatch(new RegExp(`^last ${span} +5 +60 % +.*s +\\d+ +\\$0\\.\\d+ +\\d+ %$`, 'm'))
  }
  expect(stdout).toMatch(/^MODEL, 30 DAYS +CALLS +HIT RATE/m)
  expect(stdout).toMatch(/^gpt-5\.1 +4 +75 %/m)
  expect(stdout).toContain('Bypassed, 30 days: background 1')
  expect((await run(['stats', '--by', 'namespace'])).stdout).toMatch(/^docs +4 +75 %/m)
  expect((await run(['stats', '--model', 'gpt-5.1'])).stdout).not.toContain('30 days')
  const { history } = JSON.parse((await run(['stats', '--json'])).stdout)
  expect(history.last24Hours).toMatchObject({ hits: 3, misses: 2, byModel: { 'gpt-5.1': { hits: 3 } } })
})

describe('export and import', () => {
  test('ship entries that stay sealed, in a file for its user alone', async () => {
    await store('gpt-5.1')
    await store('other-model')
    expect(await runProcess(['export', 'all.jsonl'])).toEqual({ code: 0, stdout: '', stderr: '2 entries\n' })
    expect((await stat(join(cwd, 'all.jsonl'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(cwd, 'all.jsonl'), 'utf8')).not.toContain('assistant')
    expect(await runProcess(['import', 'all.jsonl', '--store', 'sqlite:new/other.db'])).toEqual({
      code: 0,
      stdout: '2 imported, 0 left out\n',
      stderr: '',
    })
    const models = (await run(['ls', '--json', '--store', 'sqlite:new/other.db'])).stdout.match(/"model":"[^"]+"/g)
    expect(models?.toSorted()).toEqual(['"model":"gpt-5.1"', '"model":"other-model"'])
    const { key }: EntryInfo = JSON.parse((await run(['ls', '--json', '--model', 'gpt-5.1'])).stdout)
    const shown = await run(['show', key, '--body', '--credential-env', 'K', '--store', 'sqlite:new/other.db'], {
      K: 'sk-one',
    })
    expect(shown.stdout).toContain('assistant')
  })

  test('work by pipes, with filters', async () => {
    await store('gpt-5.1')
    await store('other-model')
    const { stdout } = await run(['export', '--model', 'gpt-5.1'])
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const imported = await runCli(['import', '-', '--store', 'sqlite:other.db', '--json'], { cwd, stdin: stdout })
    expect(JSON.parse(imported.stdout)).toEqual({ imported: 1, skipped: [] })
  })

  test('what can not be taken in is named by its line, and fails', async () => {
    await writeFile(join(cwd, 'bad.jsonl'), 'nonsense\n{"version":1}\n')
    expect(await run(['import', 'bad.jsonl'])).toEqual({
      code: 1,
      stdout: '0 imported, 2 left out\n',
      stderr: 'line 1: not-json\nline 2: not-an-entry\n',
    })
  })

  test('entries in clear are not imported under a key that nobody has given', async () => {
    await writeFile(join(cwd, 'clear.jsonl'), writeRecordLine(clearRecord(makeEntry({}))))
    expect(await run(['import', 'clear.jsonl', '--store', 'sqlite:other.db'])).toEqual({
      code: 1,
      stdout: '0 imported, 1 left out\n',
      stderr: expect.stringContaining('set LLM_CACHE_ENCRYPTION_KEY'),
    })
    const key = { LLM_CACHE_ENCRYPTION_KEY: 'k'.repeat(32) }
    const { code, stdout } = await run(['import', 'clear.jsonl', '--store', 'sqlite:other.db'], key)
    expect({ code, stdout }).toEqual({ code: 0, stdout: '1 imported, 0 left out\n' })
  })

  test('an import of a file that is not there makes no store', async () => {
    const { code, stderr } = await runProcess(['import', 'none.jsonl', '--store', 'sqlite:other.db'])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('ENOENT') })
    expect(await readdir(cwd)).not.toContain('other.db')
  })
})

describe('the store', () => {
  test.for<[string, string[], Record<string, string>, number, string]>([
    ['that is not named', ['ls'], { LLM_CACHE_STORE: '' }, 2, 'no store is named: --store sqlite:PATH'],
    ['that is misspelt', ['ls', '--store', 'mysql://:pw@host'], {}, 2, '--store must be memory, sqlite:PATH or redis'],
    ['that is misspelt in the variable', ['ls'], { LLM_CACHE_STORE: 'mysql://:pw@host' }, 2, 'LLM_CACHE_STORE must be'],
    ['in memory', ['ls', '--store', 'memory'], {}, 2, 'a store in memory ends with its process'],
    ['that is missing', ['ls', '--store', 'sqlite:none.db'], {}, 1, 'there is no file none.db'],
    ['in a folder', ['clear', '--store', 'sqlite:.'], {}, 1, 'must name a file in a folder'],
    ['that can not be reached', ['ls', '--store', 'redis://:pw@127.0.0.1:1'], {}, 1, 'ECONNREFUSED'],
  ])('%s is reported, without its secrets', async ([, args, env, code, message]) => {
    const ended = await run(args, env)
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringContaining(message) })
    expect(ended.stderr).not.toContain('pw')
    expect(await readdir(cwd)).not.toContain('none.db')
  })

  test.skipIf(!isInstalled('redis-server'))('may be Redis, under an app that runs', async () => {
    const redis = await openRedis()
    onTestFinished(() => redis[Symbol.asyncDispose]())
    const { client, [Symbol.dispose]: close } = CLIENTS[0].open(redis.port)
    onTestFinished(close)
    cache = installCache({ hosts: [origin], store: redisStore({ client }), storeTimeout: 10 })
    const key = await store('gpt-5.1')
    const env = { LLM_CACHE_STORE: redis.url, K: 'sk-one' }
    expect((await run(['ls'], env)).stdout).toContain(key.slice(0, 12))
    expect((await run(['show', key, '--body', '--credential-env', 'K'], env)).stdout).toContain('assistant')
    expect((await run(['clear'], env)).stdout).toContain('1 before, 0 after')
    await expect.poll(() => cache.stats().entries).toBe(0)
  })
})
