import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { freePort } from './free-port.ts'

/** A redis-server of the specs' own. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number
  /** `redis://127.0.0.1:PORT` */
  readonly url: string
  /** What `redis-cli` prints. */
  cli(...args: string[]): Promise<string>
  /** SIGSTOP and SIGCONT. */
  freeze(): void
  thaw(): void
  /** SIGKILL; resolves when it has gone. */
  kill(): Promise<void>
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>
}

/** Starts a redis-server on a free port, without a file; resolves when it takes calls. */
export async function openRedis(...args: string[]): Promise<RedisServer> {
  for (let tries = 0; ; tries++) {
    const port = await freePort()
    try {
      return await start(port, args)
    } catch (error) {
      // Somebody else may have taken the port meanwhile.
      if (tries >= 5) throw error
    }
  }
}

/** Starts a cluster of three masters; resolves when it takes calls. */
export async function openCluster(): Promise<AsyncDisposable & { readonly ports: readonly number[] }> {
  const cluster = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '5000']
  const servers = await Promise.all([0, 1, 2].map(() => openRedis(...cluster)))
  const ports = servers.map(({ port }) => port)
  const addresses = ports.map((port) => `127.0.0.1:${port}`)
  await promisify(execFile)('redis-cli', [
    '--cluster',
    'create',
    ...addresses,
    '--cluster-replicas',
    '0',
    '--cluster-yes',
  ])
  for (const server of servers) {
    while (!(await server.cli('cluster', 'info')).includes('cluster_state:ok')) await new Promise(setImmediate)
  }
  return {
    ports,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
    },
  }
}

/** What `redis-cli` prints. */
export async function redisCli(port: number, ...words: string[]): Promise<string> {
  return (await promisify(execFile)('redis-cli', ['-p', String(port), ...words])).stdout
}

async function start(port: number, args: readonly string[]): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'redis-'))
  const run = (): Promise<ChildProcess> => launch(port, folder, args)
  let child = await run()
  const signal = (name: NodeJS.Signals): void => void child.kill(name)
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    signal('SIGKILL')
    await gone
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    cli: (...words) => redisCli(port, ...words),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    kill,
    restart: async () => void (child = await run()),
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function launch(port: number, folder: string, args: readonly string[]): Promise<ChildProcess> {
  const basics = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', [...basics, ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`redis-server ended with ${code}`)
  })
  await Promise.race([isReady(child), failed])
  failed.catch(() => undefined)
  return child
}

async function isReady({ stdout }: ChildProcess): Promise<void> {
  if (stdout === null) return
  for await (const line of createInterface(stdout)) if (line.includes('Ready to accept connections')) break
  stdout.resume()
}
