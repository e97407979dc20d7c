import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { openRedis, redisCli, type RedisServer } from './redis-server.ts'

/** What the sentinel calls the master. */
export const MASTER = 'main'

/** A master, its replica, and a sentinel that makes the replica the master when the master has gone. */
export interface RedisSentinel extends AsyncDisposable {
  /** The sentinel's. */
  readonly port: number
  readonly master: RedisServer
  readonly replica: RedisServer
}

/** Starts them; resolves when the sentinel could fail over. */
export async function openSentinel(): Promise<RedisSentinel> {
  const master = await openRedis()
  const replica = await openRedis('--replicaof', '127.0.0.1', String(master.port))
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'sentinel-'))
  const file = join(folder, 'sentinel.conf')
  await writeFile(file, configOf(port, master.port))
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  await until(async () => (await redisCli(port, 'sentinel', 'replicas', MASTER)).includes('master-link-status\nok'))
  return {
    port,
    master,
    replica,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await Promise.all([ended, master[Symbol.asyncDispose](), replica[Symbol.asyncDispose]()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function configOf(port: number, master: number): string {
  return `port ${port}
bind 127.0.0.1
sentinel monitor ${MASTER} 127.0.0.1 ${master} 1
sentinel down-after-milliseconds ${MASTER} 500
sentinel failover-timeout ${MASTER} 2000
`
}

/** Asks again and again; what fails is asked again too. Each look starts a process. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 200))
}
