import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isInstalled } from '../../support/binary.ts'
import type { Provider } from '../../support/provider.ts'
import { openRedis, type RedisServer } from '../../support/redis-server.ts'
import { REGISTER } from '../../support/package.ts'
import { childEnv, type Ended, makeFolder, nodeWithoutRootsRights, runNode } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'

const APP = `
const response = await fetch(process.env.ORIGIN + '/v1/chat/completions', {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: 'Bearer ' + (process.env.KEY ?? 'sk-one') },
  body: JSON.stringify({ messages: [] }),
})
await response.text()
console.log(response.headers.get('x-llm-cache'))
`

/** Runs a process that makes one call, and ends. */
function callOnce(cwd: string, { origin }: Provider, env: Record<string, string>, execPath?: string): Promise<Ended> {
  const known = { ORIGIN: origin, LLM_CACHE_HOSTS: origin }
  return runNode(['--import', REGISTER, 'app.mjs'], { cwd, env: { ...known, ...env }, ...(execPath && { execPath }) })
}

/** The same, to be watched. */
function startCall(cwd: string, { origin }: Provider, env: Record<string, string>): ChildProcessWithoutNullStreams {
  const known = { ORIGIN: origin, LLM_CACHE_HOSTS: origin }
  const child = spawn(process.execPath, ['--import', REGISTER, 'app.mjs'], { cwd, env: childEnv({ ...known, ...env }) })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

const MISS: Ended = { code: 0, stdout: 'MISS\n', stderr: '' }
const HIT: Ended = { code: 0, stdout: 'HIT\n', stderr: '' }

describe('LLM_CACHE_STORE=sqlite:PATH', () => {
  test('answers the next process, from a file that only its user may read', async () => {
    const [cwd, provider] = [await makeFolder({ 'app.mjs': APP }), await startProvider()]
    const env = { LLM_CACHE_STORE: 'sqlite:deep/cache.db' }
    expect(await callOnce(cwd, provider, env)).toEqual(MISS)
    expect(await callOnce(cwd, provider, env)).toEqual(HIT)
    expect(await callOnce(cwd, provider, { ...env, KEY: 'sk-two' })).toEqual(MISS)
    expect(((await stat(join(cwd, 'deep/cache.db'))).mode & 0o777).toString(8)).toBe('600')
  })

  test('is sealed under LLM_CACHE_ENCRYPTION_KEY where there is one', async () => {
    const [cwd, provider] = [await makeFolder({ 'app.mjs': APP }), await startProvider()]
    const env = { LLM_CACHE_STORE: 'sqlite:cache.db', LLM_CACHE_ENCRYPTION_KEY: 'k'.repeat(32) }
    expect(await callOnce(cwd, provider, env)).toEqual(MISS)
    expect(await callOnce(cwd, provider, env)).toEqual(HIT)
    expect(await callOnce(cwd, provider, { ...env, LLM_CACHE_ENCRYPTION_KEY: 'x'.repeat(32) })).toEqual(MISS)
  })

  test('that leads nowhere is one line, and the app runs', async () => {
    const [cwd, provider] = [await makeFolder({ 'app.mjs': APP }), await startProvider()]
    const told = 'undici-llm-cache: LLM_CACHE_STORE must name a file in a folder'
    for (const path of ['.', 'app.mjs/cache.db']) {
      const env = { LLM_CACHE_STORE: `sqlite:${path}` }
      expect(await callOnce(cwd, provider, env)).toEqual({ ...MISS, stderr: `${told}; it is ignored\n` })
      const strict = await callOnce(cwd, provider, { ...env, LLM_CACHE_STRICT: '1' })
      expect(strict).toEqual({ code: 78, stdout: '', stderr: `${told}\n` })
    }
  })

  test('that may not be written is one line, and the app runs', async () => {
    const [cwd, provider] = [await makeFolder({ 'app.mjs': APP }), await startProvider()]
    await mkdir(join(cwd, 'closed'))
    await chmod(join(cwd, 'closed'), 0o500)
    const env = { LLM_CACHE_STORE: 'sqlite:closed/cache.db' }
    const ended = await callOnce(cwd, provider, env, await nodeWithoutRootsRights())
    expect(ended).toEqual({ ...MISS, stderr: expect.stringContaining('must name a file that this user may write') })
  })
})

/** Each look starts a process. */
const SELDOM = { interval: 100 }

/** On a busy machine even a connection to this machine takes longer than a lookup usually may. */
const PATIENT = { LLM_CACHE_CONFIG: 'patient.json' }

/** A folder whose node_modules has nothing but this package's `name` of it. */
async function folderWith(name: 'redis' | 'ioredis'): Promise<string> {
  const entry = { redis: 'dist/index.js', ioredis: 'built/index.js' }[name]
  const main = new URL(`../../../node_modules/${name}/${entry}`, import.meta.url).pathname
  return makeFolder({
    'app.mjs': APP,
    'patient.json': JSON.stringify({ storeTimeout: 10 }),
    [`node_modules/${name}/index.js`]: `module.exports = require(${JSON.stringify(main)})`,
  })
}

describe.skipIf(!isInstalled('redis-server')).for(['redis', 'ioredis'] as const)(
  'LLM_CACHE_STORE=redis://… by %s',
  (name) => {
    async function startRedis(): Promise<RedisServer> {
      const redis = await openRedis()
      onTestFinished(() => redis[Symbol.asyncDispose]())
      return redis
    }

    test('answers the next process, and keeps none alive', async () => {
      const [cwd, provider, redis] = [await folderWith(name), await startProvider(), await startRedis()]
      const env = { LLM_CACHE_STORE: redis.url, ...PATIENT }
      expect(await callOnce(cwd, provider, env)).toEqual(MISS)
      expect(await callOnce(cwd, provider, env)).toEqual(HIT)
      expect(provider.calls).toHaveLength(1)
    })

    test('is found by an app that is busy with its own code for seconds while it starts', async () => {
      const [cwd, provider, redis] = [await folderWith(name), await startProvider(), await startRedis()]
      await writeFile(
        join(cwd, 'app.mjs'),
        `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500)\n${APP}`,
      )
      const env = { LLM_CACHE_STORE: redis.url, ...PATIENT }
      expect(await callOnce(cwd, provider, env)).toEqual(MISS)
      expect(await callOnce(cwd, provider, env)).toEqual(HIT)
    })

    test('that can not be reached is reported once: the app runs, and ends', async () => {
      const [cwd, provider, redis] = [await folderWith(name), await startProvider(), await startRedis()]
      await redis.kill()
      const { stderr, ...ended } = await callOnce(cwd, provider, { LLM_CACHE_STORE: redis.url })
      expect(ended).toEqual({ code: 0, stdout: 'MISS\n' })
      expect(stderr).toMatch(/^[^\n]*The store fails \([^\n]*calls go on without it until it is back\n$/)
    })

    test('that answers late gets what was stored, and one that never does holds up no process', async () => {
      const [cwd, provider, redis] = [await folderWith(name), await startProvider(), await startRedis()]
      const env = { LLM_CACHE_STORE: redis.url }
      redis.freeze()
      expect(await callOnce(cwd, provider, env)).toMatchObject({ code: 0, stdout: 'MISS\n' })
      const child = startCall(cwd, provider, env)
      const ended = once(child, 'close')
      await once(child.stdout, 'data')
      redis.thaw()
      await ended
      expect(await callOnce(cwd, provider, { ...env, ...PATIENT })).toEqual(HIT)
    })

    test('is used again once it is back', async () => {
      const [cwd, provider, redis] = [await folderWith(name), await startProvider(), await startRedis()]
      await redis.kill()
      const app = `
        import { createInterface } from 'node:readline'
        for await (const seed of createInterface(process.stdin)) {
          await fetch(process.env.ORIGIN + '/v1/chat/completions', {
            method: 'POST',
            headers: { 'content-type': 'application/json', authorization: 'Bearer sk-one' },
            body: JSON.stringify({ messages: [], seed: Number(seed) }),
          }).then((response) => response.text())
        }`
      await writeFile(join(cwd, 'loop.mjs'), app)
      const { origin } = provider
      const env = childEnv({ ORIGIN: origin, LLM_CACHE_HOSTS: origin, LLM_CACHE_STORE: redis.url })
      const child = spawn(process.execPath, ['--import', REGISTER, 'loop.mjs'], { cwd, env })
      onTestFinished(() => void child.kill('SIGKILL'))
      child.stdin.write('0\n')
      await once(child.stderr, 'data')
      await redis.restart()
      let seed = 0
      await expect
        .poll(async () => {
          child.stdin.write(`${++seed}\n`)
          return redis.cli('keys', 'llm-cache:entry:*')
        }, SELDOM)
        .toMatch(/entry/)
      child.stdin.end()
      expect(await once(child, 'close')).toEqual([0, null])
    })
  },
)
