import { chmod, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Finding } from '../../../lib/cli/doctor/finding.ts'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { isInstalled } from '../../support/binary.ts'
import { openRedis } from '../../support/redis-server.ts'
import { runCli, runCliHere } from '../../support/run-cli.ts'
import { REGISTER } from '../../support/package.ts'
import { makeFolder } from '../../support/run-node.ts'

/** The package.json of each package by its path below node_modules. */
function packages(versions: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(versions).map(([path, version]) => [
      `node_modules/${path}/package.json`,
      JSON.stringify({ version }),
    ]),
  )
}

/** What doctor finds in a folder, by the name of the check. */
async function examine(
  files: Record<string, string>,
  env: Record<string, string> = {},
  run = runCliHere,
): Promise<{ code: number | null; findings: Map<string, Finding[]>; stderr: string }> {
  const { code, stdout, stderr } = await run(['doctor', '--json'], { cwd: await makeFolder(files), env })
  const list: Finding[] = JSON.parse(stdout)
  return { code, findings: Map.groupBy(list, ({ check }) => check), stderr }
}

test('a sound folder is all ok, as text and as JSON, and exits 0', async () => {
  const files = packages({ undici: '8.0.0', openai: '7.0.0' })
  const { code, findings, stderr } = await examine(files, {}, runCli)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect([...findings].map(([check, [found]]) => [check, found?.level])).toEqual([
    ['node', 'ok'],
    ['undici', 'ok'],
    ['dispatcher', 'note'],
    ['proxy', 'ok'],
    ['variables', 'ok'],
    ['store', 'ok'],
    ['clock', 'ok'],
    ['sdk openai', 'ok'],
  ])
  const { stdout } = await runCli(['doctor'], { cwd: await makeFolder(files) })
  expect(stdout).toMatch(/^✓ node +Node \d+\.\d+\.\d+$/m)
  expect(stdout).toMatch(/^✓ sdk openai +7\.0\.0 in node_modules\/openai$/m)
})

describe('SDKs', () => {
  test('those from before the built-in fetch are found wherever they hide, with what to do', async () => {
    const { code, findings } = await examine(
      packages({
        openai: '5.0.0',
        'portkey-ai/node_modules/openai': '4.104.0',
        '@anthropic-ai/sdk': '0.39.0',
        '.pnpm/groq-sdk@0.9.1/node_modules/groq-sdk': '0.9.1',
        '@aws-sdk/client-bedrock-runtime': '3.1000.0',
        'some-tool': '1.0.0',
      }),
    )
    expect(code).toBe(0)
    const levels = (check: string): unknown => findings.get(check)?.map(({ level, text }) => `${level} ${text}`)
    expect(levels('sdk openai')).toEqual([
      'ok 5.0.0 in node_modules/openai',
      expect.stringMatching(/^warn 4\.104\.0 in node_modules\/portkey-ai\/node_modules\/openai does not go/),
    ])
    expect(levels('sdk groq-sdk')).toEqual([expect.stringMatching(/^warn 0\.9\.1 in /)])
    expect(findings.get('sdk @anthropic-ai/sdk')?.[0]?.remedy).toMatch(/^upgrade to 0\.50\.1 or later, or import/)
    expect(findings.get('sdk @aws-sdk/client-bedrock-runtime')?.[0]?.remedy).toContain('FetchHttpHandler')
  })

  test('an HTTP client that the app itself asks for is noted', async () => {
    const manifest = JSON.stringify({ dependencies: { axios: '^1.0.0' } })
    const { findings } = await examine({
      'package.json': manifest,
      ...packages({ axios: '1.0.0', 'node-fetch': '2.0.0' }),
    })
    expect(findings.get('http axios')?.[0]).toMatchObject({ level: 'note', remedy: expect.stringContaining("'fetch'") })
    expect(findings.has('http node-fetch')).toBe(false)
  })

  test('of a folder without any, doctor says where to run', async () => {
    const { findings } = await examine(packages({ 'some-tool': '1.0.0' }))
    expect(findings.get('sdks')?.[0]?.text).toContain('in the folder of the app')
  })
})

test('an undici that is too old for compose is a warning', async () => {
  const { findings } = await examine(packages({ undici: '6.21.0' }))
  expect(findings.get('undici')).toEqual([
    expect.objectContaining({ level: 'warn', text: expect.stringContaining('6.21.0') }),
  ])
})

test('the registered cache is seen, and what is below it', async () => {
  const { findings } = await examine(packages({}), { NODE_OPTIONS: `--import ${REGISTER}` }, runCli)
  expect(findings.get('dispatcher')?.[0]).toMatchObject({ level: 'ok', text: 'the cache, registered, above Agent' })
})

test.for([
  [{}, 'warn'],
  [{ NODE_USE_ENV_PROXY: '1' }, 'ok'],
  [{ NODE_OPTIONS: '--use-env-proxy' }, 'ok'],
] as const)('a proxy that is named is used or warned of, without its address: %j is %s', async ([env, level]) => {
  const { findings } = await examine(packages({}), { HTTPS_PROXY: 'http://user:secret@127.0.0.1:9', ...env }, runCli)
  const [found] = findings.get('proxy') ?? []
  expect(found?.level).toBe(level)
  expect(JSON.stringify(found)).not.toContain('secret')
})

test('a wrong variable fails, and its value is not shown', async () => {
  const { code, findings } = await examine(packages({}), { LLM_CACHE_TTL: 'sk-secret', LLM_CACHE_POLICY: 'all' })
  expect(code).toBe(1)
  expect(findings.get('variables')).toEqual([
    { level: 'fail', check: 'variables', text: 'LLM_CACHE_TTL must be an integer from 1 to 2592000' },
  ])
})

test('LLM_CACHE=off is a warning', async () => {
  const { findings } = await examine(packages({}), { LLM_CACHE: 'off' })
  expect(findings.get('variables')?.[0]?.level).toBe('warn')
})

describe('the store', () => {
  test('that is not made yet is noted, and not made', async () => {
    const cwd = await makeFolder({})
    const { stdout } = await runCliHere(['doctor', '--json', '--store', 'sqlite:cache.db'], { cwd })
    const findings: Finding[] = JSON.parse(stdout)
    expect(findings.find(({ check }) => check === 'store')?.level).toBe('note')
    expect(await readdir(cwd)).not.toContain('cache.db')
  })

  test('that others may read is a warning', async () => {
    const cwd = await makeFolder({})
    const store = sqliteStore({ path: join(cwd, 'cache.db') })
    await store.clear()
    await store.close()
    expect(await examineStore(cwd, 'sqlite:cache.db')).toEqual([0, ['ok sqlite: 0 entries']])
    await chmod(join(cwd, 'cache.db'), 0o644)
    expect(await examineStore(cwd, 'sqlite:cache.db')).toEqual([
      0,
      ['ok sqlite: 0 entries', 'warn others than its user may open the file'],
    ])
  })

  test('that does not answer fails, without its password', async () => {
    const [code, found] = await examineStore(await makeFolder({}), 'redis://:secret@127.0.0.1:1')
    expect([code, found]).toEqual([1, ['fail redis does not answer (ECONNREFUSED)']])
  })

  test('that is no file fails', async () => {
    expect(await examineStore(await makeFolder({}), 'sqlite:.')).toEqual([
      1,
      ['fail the store must name a file in a folder'],
    ])
  })

  test.skipIf(!isInstalled('redis-server'))('that is Redis answers, with its clock', async () => {
    const redis = await openRedis()
    onTestFinished(() => redis[Symbol.asyncDispose]())
    const [code, found] = await examineStore(await makeFolder({}), redis.url)
    expect(code).toBe(0)
    expect(found[0]).toMatch(/^ok redis: 0 entries, answers in [\d.]+ m?s$/)
  })

  test.skipIf(!isInstalled('redis-server'))('that is a node of a Redis cluster fails, with what to do', async () => {
    const redis = await openRedis('--cluster-enabled', 'yes')
    onTestFinished(() => redis[Symbol.asyncDispose]())
    const [code, found] = await examineStore(await makeFolder({}), redis.url)
    expect([code, found]).toEqual([
      1,
      ['fail redis is a node of a cluster: a connection by address reaches the keys of that node alone'],
    ])
  })

  test.skipIf(!isInstalled('redis-server'))('that is frozen fails, and is not waited for without end', async () => {
    const redis = await openRedis()
    onTestFinished(() => redis[Symbol.asyncDispose]())
    redis.freeze()
    expect(await examineStore(await makeFolder({}), redis.url)).toEqual([
      1,
      ['fail redis does not answer (The store did not answer in time)'],
    ])
  })

  async function examineStore(cwd: string, store: string): Promise<[number | null, string[]]> {
    const { code, stdout } = await runCliHere(['doctor', '--json', '--store', store], { cwd })
    expect(stdout).not.toContain('secret')
    const findings: Finding[] = JSON.parse(stdout)
    return [code, findings.filter(({ check }) => check === 'store').map(({ level, text }) => `${level} ${text}`)]
  }
})

describe('--requests', () => {
  const MARK = { cache_control: { type: 'ephemeral' } }
  const short = { model: 'claude-opus-4-5', max_tokens: 9, system: [{ type: 'text', text: 'Be kind.', ...MARK }] }
  const long = { ...short, system: [{ type: 'text', text: 'abc '.repeat(9_000), ...MARK }] }

  async function examineRequests(lines: readonly object[]): Promise<Finding[]> {
    const file = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const cwd = await makeFolder({ 'requests.jsonl': file })
    const { code, stdout } = await runCliHere(['doctor', '--json', '--requests', 'requests.jsonl'], { cwd })
    expect(code).toBe(0)
    return (JSON.parse(stdout) as Finding[]).filter(({ check }) => check === 'requests')
  }

  test('reports breakpoints below the minimum, and the retired header, with the lines', async () => {
    const found = await examineRequests([
      { custom_id: 'a', params: short },
      { url: '/v1/messages', body: short, headers: { 'Anthropic-Beta': 'prompt-caching-2024-07-31' } },
      { custom_id: 'c', params: long },
    ])
    expect(found.map(({ level, remedy }) => [level, remedy])).toEqual([
      ['warn', 'https://platform.claude.com/docs/en/build-with-claude/prompt-caching'],
      ['warn', 'https://platform.claude.com/docs/en/build-with-claude/prompt-caching'],
    ])
    expect(found[0]?.text).toMatch(/^claude-opus-4-5: .* \d+ tokens \(an estimate: .* from 4,096 on.*\(lines 1, 2\)$/)
    expect(found[1]?.text).toMatch(/prompt-caching-2024-07-31 is retired .*\(line 2\)$/)
    expect(JSON.stringify(found)).not.toContain('kind')
  })

  test('reports answers that read nothing again and again, and of OpenRouter how to see that', async () => {
    const usage = { prompt_tokens: 9_000, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 0 } }
    const body = { ...long, model: 'anthropic/claude-opus-4.5' }
    const url = 'https://openrouter.ai/api/v1/chat/completions'
    const found = await examineRequests(
      Array.from({ length: 6 }, () => ({ url, body, response: { status_code: 200, body: { choices: [], usage } } })),
    )
    expect(found.map(({ level }) => level)).toEqual(['warn', 'note'])
    expect(found[0]?.text).toMatch(
      /5 calls in a row with breakpoints .* OpenRouter reports no cache writes.*\(line 5\)$/,
    )
    expect(found[1]?.text).toMatch(/^OpenRouter reports no cache writes: .* best effort$/)
  })

  test('finds nothing in sound requests, and names lines that hold none', async () => {
    const found = await examineRequests([{ custom_id: 'c', params: long }, { nothing: true }])
    expect(found).toEqual([
      { level: 'ok', check: 'requests', text: expect.stringContaining('1 request: nothing in them') },
      { level: 'warn', check: 'requests', text: '1 line without a request left out: line 2' },
    ])
  })

  test('fails where the file can not be read', async () => {
    const args = ['doctor', '--json', '--requests', 'none.jsonl']
    const { code, stdout } = await runCliHere(args, { cwd: await makeFolder({}) })
    expect(code).toBe(1)
    expect(stdout).toContain('the file of requests can not be read (ENOENT)')
  })
})
