import { expect } from 'vitest'
import { doorUrl } from '../../support/package.ts'
import { redisCli } from '../../support/redis-server.ts'
import { makeFolder, runNode } from '../../support/run-node.ts'
import type { Instance } from './instance.ts'

/** A busy machine takes its time, and each look at a server starts a process. */
export const PATIENT = { timeout: 20_000, interval: 100 }

/** How many connections wait at a server for removals. */
export async function waiting(port: number): Promise<number> {
  const clients = (await redisCli(port, 'client', 'list')).split('\n')
  return clients.filter((client) => client.includes(' cmd=xread ')).length
}

/** How often a server was given a command. */
export async function calls(port: number, command: string, what = 'calls'): Promise<number> {
  const stats = await redisCli(port, 'info', 'commandstats')
  return Number(new RegExp(`cmdstat_${command}:.*?${what}=(\\d+)`).exec(stats)?.[1] ?? 0)
}

/** What one of them clears leaves the memory of the other. */
export async function expectToBeTold(one: Instance, two: Instance): Promise<void> {
  await one.ask('a')
  await one.cache.flush().catch(() => undefined)
  await two.ask('a')
  expect(two.cache.stats().entries).toBeGreaterThan(0)
  await one.cache.clear()
  await expect.poll(() => two.cache.stats().entries, PATIENT).toBe(0)
}

/** Makes a call with a client, waits until one of the servers is waited at, closes the client, and nothing more. */
export async function expectToEnd(origin: string, client: string, ports: readonly number[]): Promise<void> {
  const app = `
    import { createLlmCache } from '${doorUrl('index')}'
    import { redisStore } from '${doorUrl('stores/redis')}'
    import { createClient } from 'redis'
    const client = ${client}
    const cache = createLlmCache({ hosts: ['${origin}'], store: redisStore({ client }) })
    cache.install()
    const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'a' }] })
    await (await fetch('${origin}/v1/chat/completions', { method: 'POST', headers, body })).text()
    const own = await Promise.all([${ports.join()}].map((port) => createClient({ socket: { port } }).connect()))
    const lists = () => Promise.all(own.map((one) => one.sendCommand(['CLIENT', 'LIST'])))
    while (!String(await lists()).includes('cmd=xread ')) await new Promise((go) => setTimeout(go, 50))
    await Promise.all(own.map((one) => one.close()))
    await ('callBuffer' in client ? client.quit() : client.close())
    console.log('closed')
  `
  const folder = await makeFolder({ 'app.mjs': app })
  expect(await runNode(['app.mjs'], { cwd: folder })).toMatchObject({ code: 0, stdout: 'closed\n' })
}
