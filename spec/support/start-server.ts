import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { childEnv, type RunOptions } from './run-node.ts'

/** A server that an app has started. */
export interface StartedServer {
  /** Ends it; resolves to all that it wrote. */
  end(): Promise<string>
}

/** Starts this Node, for as long as the running spec; resolves when what it writes says that it is `ready`. */
export async function startServer(
  args: readonly string[],
  ready: RegExp,
  { cwd, env }: RunOptions,
): Promise<StartedServer> {
  const child = spawn(process.execPath, args, {
    cwd,
    env: childEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const closed = once(child, 'close')
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      if (ready.test(said)) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    closed.then(() => reject(new Error(`the server has ended: ${said}`)), reject)
  })
  return {
    async end() {
      child.kill('SIGTERM')
      await closed
      return said
    },
  }
}
