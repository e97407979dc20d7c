import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isInstalled } from '../../support/binary.ts'
import { openRedis } from '../../support/redis-server.ts'
import { startProvider } from '../../support/start-provider.ts'
import { runCli } from '../../support/run-cli.ts'
import { CLI } from '../../support/package.ts'
import { makeFolder } from '../../support/run-node.ts'

const APP = `
for (let i = 0; i < 2; i++) {
  const response = await fetch(process.env.ORIGIN + '/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ messages: [] }),
  })
  await response.text()
  console.log(response.headers.get('x-llm-cache'))
}
`
const NODE = process.execPath

describe('run', () => {
  test('caches the calls of the command, and of what it starts in another folder', async () => {
    const provider = await startProvider()
    const cwd = await makeFolder({ 'app.mjs': APP, 'cache.json': '{ "ttl": 60 }' })
    const outer = `require('node:child_process').spawn(${JSON.stringify(NODE)}, [process.cwd() + '/app.mjs'], { stdio: 'inherit', cwd: '/' })`
    const env = { ORIGIN: provider.origin, LLM_CACHE_HOSTS: provider.origin, LLM_CACHE_CONFIG: 'cache.json' }
    const ended = await runCli(['run', '--', NODE, '-e', outer], { cwd, env })
    expect(ended).toEqual({ code: 0, stdout: 'MISS\nHIT\n', stderr: '' })
  })

  test('keeps the NODE_OPTIONS that are there', async () => {
    const print = ['-p', 'typeof globalThis.gc + process.env.NODE_OPTIONS.includes("register")']
    const { stdout } = await runCli(['run', '--', NODE, ...print], { env: { NODE_OPTIONS: '--expose-gc' } })
    expect(stdout).toBe('functiontrue\n')
  })

  test("hands stdin and arguments on, the command's own flags too, with and without --", async () => {
    const echo = ['-e', 'process.stdin.pipe(process.stdout); console.log(process.argv.slice(1).join())']
    for (const dashes of [[], ['--']]) {
      const ended = await runCli(['run', ...dashes, NODE, ...echo, 'a', '--help', '--', 'b'], { stdin: 'in' })
      expect(ended).toEqual({ code: 0, stdout: 'a,--help,--,b\nin', stderr: '' })
    }
  })

  test.for<[string, string[], number]>([
    ['a code', [NODE, '-e', 'process.exit(7)'], 7],
    ['a signal', [NODE, '-e', 'process.kill(process.pid, "SIGKILL")'], 137],
    ['no such command', ['no-such-command'], 127],
    ['what can not be run', ['/'], 126],
  ])("ends with the command's own exit code: %s", async ([, command, code]) => {
    expect(await runCli(['run', '--', ...command])).toMatchObject({ code, stdout: '' })
  })

  test('hands signals on, and waits for what the command makes of them', async () => {
    const app =
      'process.on("SIGTERM", () => { console.log("told"); process.exit(3) }); console.log("up"); setInterval(() => {}, 1e6)'
    const child = spawn(NODE, [CLI, 'run', '--', NODE, '-e', app], { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const heard: string[] = []
    child.stdout.on('data', (chunk: Buffer) => heard.push(chunk.toString()))
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    const [code]: unknown[] = await once(child, 'close')
    expect([code, heard.join('')]).toEqual([3, 'up\ntold\n'])
  })

  test('ends with the command, whatever the config file keeps going (a client of its own)', async () => {
    const cwd = await makeFolder({ 'cache.mjs': 'setInterval(() => undefined, 1e6); export default { ttl: 60 }' })
    const env = { LLM_CACHE_CONFIG: 'cache.mjs' }
    expect(await runCli(['run', '--', NODE, '-e', 'process.exit(3)'], { cwd, env })).toMatchObject({ code: 3 })
    expect(await runCli(['doctor'], { cwd, env })).toMatchObject({ code: 0 })
  })

  test('a wrong variable or flag exits 78 with one line, and the command is not started', async () => {
    const command = ['--', NODE, '-p', '"started"']
    expect(await runCli(['run', ...command], { env: { LLM_CACHE_TTL: 'sk-secret' } })).toEqual({
      code: 78,
      stdout: '',
      stderr: 'undici-llm-cache: LLM_CACHE_TTL must be an integer from 1 to 2592000\n',
    })
    expect(await runCli(['run', '--store', 'mysql://:pw@host', ...command])).toEqual({
      code: 78,
      stdout: '',
      stderr: 'undici-llm-cache: LLM_CACHE_STORE must be memory, sqlite:PATH or redis://…\n',
    })
  })

  test('a store that can not be written exits 78, and the command is not started', async () => {
    const cwd = await makeFolder({ 'a-file': '' })
    const command = ['run', '--store', 'sqlite:a-file/cache.db', '--', NODE, '-p', '"started"']
    expect(await runCli(command, { cwd })).toEqual({
      code: 78,
      stdout: '',
      stderr: 'undici-llm-cache: LLM_CACHE_STORE must name a file in a folder\n',
    })
  })

  test("a relative store is the working directory's, also for what runs in another folder", async () => {
    const provider = await startProvider()
    const cwd = await makeFolder({ 'app.mjs': APP, 'elsewhere/.keep': '' })
    const outer = `require('node:child_process').spawnSync(${JSON.stringify(NODE)}, [process.cwd() + '/app.mjs'], { stdio: 'inherit', cwd: 'elsewhere' })`
    const env = { ORIGIN: provider.origin, LLM_CACHE_HOSTS: provider.origin, LLM_CACHE_ENCRYPTION_KEY: 'k'.repeat(32) }
    const command = ['run', '--store', 'sqlite:cache.db', '--', NODE, '-e', outer]
    expect((await runCli(command, { cwd, env })).stdout).toBe('MISS\nHIT\n')
    expect(await readdir(cwd)).toContain('cache.db')
    expect((await runCli(command, { cwd, env })).stdout).toBe('HIT\nHIT\n')
  })

  test('a Redis that is not there is no wrong variable', async () => {
    const command = ['run', '--store', 'redis://127.0.0.1:1', '--', NODE, '-p', '"started"']
    expect(await runCli(command)).toMatchObject({ code: 0, stdout: 'started\n' })
  })

  test.skipIf(!isInstalled('redis-server'))('a Redis that is there is shared by what runs', async () => {
    const [provider, redis] = [await startProvider(), await openRedis()]
    onTestFinished(() => redis[Symbol.asyncDispose]())
    const files = { 'app.mjs': APP, 'patient.json': '{ "storeTimeout": 10 }' }
    const hosts = { ORIGIN: provider.origin, LLM_CACHE_HOSTS: provider.origin, LLM_CACHE_CONFIG: 'patient.json' }
    const env = { ...hosts, LLM_CACHE_ENCRYPTION_KEY: 'k'.repeat(32) }
    const cwd = await makeFolder(files)
    const command = ['run', '--store', redis.url, '--', NODE, 'app.mjs']
    expect(await runCli(command, { cwd, env })).toEqual({ code: 0, stdout: 'MISS\nHIT\n', stderr: '' })
    expect(await runCli(command, { cwd, env })).toEqual({ code: 0, stdout: 'HIT\nHIT\n', stderr: '' })
  })
})
