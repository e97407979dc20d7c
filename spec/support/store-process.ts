import { type ChildProcess, fork, type ForkOptions } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { USE_PACKAGE } from './package.ts'
import type { ChildStart, Command } from './store-child.ts'

const CHILD = fileURLToPath(new URL('./store-child.ts', import.meta.url))

/** How a question was answered in another process. */
export interface AskedInProcess {
  readonly status: string
  readonly text: string
  /** `x-llm-cache-match`. */
  readonly match: string | null
}

/** Another process that has a cache on a file. */
export interface StoreProcess {
  readonly child: ChildProcess
  /** What it has written to stderr. */
  readonly stderr: () => string
  /** Resolves to its answer. Rejects where it fails, or ends before. */
  ask(command: Extract<Command, { do: 'call' }>): Promise<{ readonly status: string; readonly text: string }>
  ask(command: Extract<Command, { do: 'ask' }>): Promise<AskedInProcess>
  ask(command: Extract<Command, { do: 'keys' }>): Promise<string[]>
  ask(command: Command): Promise<unknown>
  /** Resolves when it has ended. */
  readonly ended: Promise<unknown>
}

/** Starts one; it is killed when the spec ends. `how` it is forked. */
export async function startStoreProcess(start: ChildStart, how: ForkOptions = {}): Promise<StoreProcess> {
  const stdio = ['ignore', 'inherit', 'pipe', 'ipc'] as const
  const child = fork(CHILD, [JSON.stringify(start)], {
    ...how,
    execArgv: [...USE_PACKAGE, ...(how.execArgv ?? [])],
    stdio: [...stdio],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let stderr = ''
  child.stderr?.on('data', (text) => void (stderr += String(text)))
  const waiting = new Map<number, PromiseWithResolvers<never>>()
  child.on('message', ({ id, answer, error }: { id: number; answer: never; error?: string }) => {
    if (error === undefined) waiting.get(id)?.resolve(answer)
    else waiting.get(id)?.reject(new Error(error))
  })
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`The process has ended: ${stderr}`))
  })
  let lastId = 0
  const wait = (id: number): Promise<never> => {
    const answer = Promise.withResolvers<never>()
    waiting.set(id, answer)
    return answer.promise
  }
  await wait(0)
  const ask = (command: Command): Promise<never> => {
    const answer = wait(++lastId)
    child.send({ id: lastId, command })
    return answer
  }
  return { child, stderr: () => stderr, ask, ended }
}
