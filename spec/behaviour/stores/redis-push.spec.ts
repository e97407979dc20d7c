import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { isInstalled } from '../../support/binary.ts'
import { freePort } from '../../support/free-port.ts'
import type { Provider } from '../../support/provider.ts'
import { CLIENTS, NEWEST, type OpenClient } from '../../support/redis-clients.ts'
import { openRedis, type RedisServer } from '../../support/redis-server.ts'
import { makeFolder, runNode } from '../../support/run-node.ts'
import { REGISTER } from '../../support/package.ts'
import { startProvider } from '../../support/start-provider.ts'
import { type Instance, openInstance } from './instance.ts'
import { calls, expectToBeTold, expectToEnd, PATIENT, waiting } from './removals.ts'

const SLOW = { timeout: 60_000 }

describe.skipIf(!isInstalled('redis-server'))('removals from Redis', () => {
  let server: RedisServer
  let provider: Provider
  beforeEach(async () => {
    ;[server, provider] = await Promise.all([openRedis(), startProvider()])
    // After the caches: to be closed without it takes them two seconds.
    onTestFinished(() => server[Symbol.asyncDispose]())
  })

  /** Two that have asked for something. */
  async function openTwo(open: (port: number) => OpenClient): Promise<readonly [Instance, Instance]> {
    const one = openInstance(open(server.port), provider)
    const two = openInstance(open(server.port), provider)
    await Promise.all([one.ask('b'), two.ask('b')])
    return [one, two]
  }

  test.for(CLIENTS)('are pushed by the server and polled for no more, until close(): $name', async ({ open }) => {
    const [one, two] = await openTwo(open)
    // The first wait of each is a short one, beside which it still looks.
    await expect.poll(() => calls(server.port, 'xread'), PATIENT).toBe(4)
    await server.cli('acl', 'setuser', 'default', '-xrange')
    await expectToBeTold(one, two)
    await expectToBeTold(two, one)
    expect(await calls(server.port, 'xrange', 'rejected_calls')).toBe(0)
    await two.cache.close()
    await expect.poll(() => waiting(server.port), PATIENT).toBe(1)
  })

  test('cost no connection where the store is not used', async () => {
    const [{ open }] = CLIENTS
    const { cache } = openInstance(open(server.port), provider)
    await cache.close()
    expect(await server.cli('info', 'stats')).toContain('total_connections_received:1\r')
  })

  test.for(NEWEST)(
    'are not missed where Redis is frozen, ends that connection, or restarts: $name',
    SLOW,
    async (client) => {
      const [one, two] = await openTwo(client.open)
      await expect.poll(() => waiting(server.port), PATIENT).toBe(2)
      server.freeze()
      const cleared = one.cache.clear()
      expect(two.cache.stats().entries).toBe(1)
      server.thaw()
      await cleared
      await expect.poll(() => two.cache.stats().entries, PATIENT).toBe(0)
      for (const [, id = ''] of (await server.cli('client', 'list')).matchAll(/^id=(\d+) .* cmd=xread /gm)) {
        await server.cli('client', 'kill', 'id', id)
      }
      await expectToBeTold(one, two)
      await expect.poll(() => waiting(server.port), PATIENT).toBe(2)
      await server.kill()
      await server.restart()
      await expect.poll(() => waiting(server.port), PATIENT).toBe(2)
      await expectToBeTold(one, two)
    },
  )

  test.for(NEWEST)(
    'are not missed after a failover to an empty server whose clock is behind: $name',
    SLOW,
    async ({ open }) => {
      const [one, two] = await openTwo(open)
      await expect.poll(() => waiting(server.port), PATIENT).toBe(2)
      // As a server would number it whose clock is ahead.
      await server.cli('xadd', 'llm-cache:removals', '9999999999999-0', 'removal', '{"filter":{"tag":"none"},"at":1}')
      await expectToBeTold(one, two)
      await server.kill()
      await server.restart()
      await expect.poll(() => waiting(server.port), PATIENT).toBe(2)
      await expectToBeTold(one, two)
      await expectToBeTold(two, one)
    },
  )

  test.for(NEWEST)('are looked for where the server may not be asked to wait: $name', async ({ open }) => {
    await server.cli('acl', 'setuser', 'default', '-xread')
    const [one, two] = await openTwo(open)
    await expect.poll(() => calls(server.port, 'xread', 'rejected_calls'), PATIENT).toBeGreaterThan(0)
    await expectToBeTold(one, two)
  })

  test.for(CLIENTS)('keep no process alive whose client is closed, and its cache is not: $name', async ({ name }) => {
    const [kind = '', version = ''] = name.split(' ')
    const pack = `(await import('${kind}${version === '5' ? '5' : ''}'))`
    const { url, port } = server
    await expectToEnd(
      provider.origin,
      kind === 'redis' ? `${pack}.createClient({ url: '${url}' })` : `new ${pack}.Redis('${url}')`,
      [port],
    )
  })

  test.for(CLIENTS)('keep no process alive where Redis is gone: $name', async ({ name }) => {
    const [kind = '', version = ''] = name.split(' ')
    const port = await freePort()
    const make =
      kind === 'redis'
        ? `createClient({ socket: { port: ${port} } })`
        : `new Redis({ port: ${port}, lazyConnect: true })`
    const app = `
      import { commandsOf } from ${JSON.stringify(new URL('../../../lib/stores/redis/commands.ts', import.meta.url).href)}
      import { ${kind === 'redis' ? 'createClient' : 'Redis'} } from '${kind}${version === '5' ? '5' : ''}'
      await commandsOf(${make}).open('removals').catch(() => console.log('refused'))
      // Timers of 1 ms, which make nobody wait, are over before this one: only itself is left.
      setTimeout(() => console.log(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length), 20)
    `
    const folder = await makeFolder({ 'app.mjs': app })
    expect(await runNode(['app.mjs'], { cwd: folder })).toEqual({ code: 0, stdout: 'refused\n1\n', stderr: '' })
  })

  test('are pushed again after the loss of all connections of a process that has loaded register, which then ends', async () => {
    const app = `
      import { createClient } from 'redis'
      const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
      const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'a' }] })
      await (await fetch('${provider.origin}/v1/chat/completions', { method: 'POST', headers, body })).text()
      const own = await createClient({ url: '${server.url}' }).connect()
      const untilTold = async () => {
        for (;;) {
          const list = await own.sendCommand(['CLIENT', 'LIST'])
          if (list.includes('cmd=xread ') && list.trim().split('\\n').length === 3) return
          await new Promise((go) => setTimeout(go, 50))
        }
      }
      await untilTold()
      await own.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'])
      await untilTold()
      await own.close()
      console.log('done')
    `
    // A busy machine is no outage.
    const folder = await makeFolder({ 'app.mjs': app, 'config.json': JSON.stringify({ storeTimeout: 10 }) })
    const env = { LLM_CACHE_STORE: server.url, LLM_CACHE_HOSTS: provider.origin, LLM_CACHE_CONFIG: 'config.json' }
    const ended = await runNode(['--import', REGISTER, 'app.mjs'], { cwd: folder, env })
    expect(ended).toEqual({ code: 0, stdout: 'done\n', stderr: '' })
  })
})
