import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { CLI } from './package.ts'
import { childEnv, type Ended, runNode, type RunOptions } from './run-node.ts'

/** Runs one command line as a user would, without colours unless the spec's own variables ask for them. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return runNode([CLI, ...args], options)
}

let runs = 0

/**
 * The same program in the spec's own process, for a fraction of the time: for what a command does and says. What reads
 * stdin, and that a process comes to its end, needs {@link runCli}. One call at a time.
 */
export async function runCliHere(
  args: readonly string[],
  { cwd = process.cwd(), env }: Pick<RunOptions, 'cwd' | 'env'> = {},
): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const told = Promise.all([text(stdout), text(stderr)])
  const [folder, exitCode] = [process.cwd(), process.exitCode]
  const argv = [process.execPath, CLI, ...args]
  const restore = replaceOfProcess({ argv, env: childEnv(env), stdout, stderr, exit: () => undefined })
  let code: number
  try {
    process.chdir(cwd)
    process.exitCode = 0
    runs += 1
    // The program runs when it is imported: each time, under an address of its own.
    await import(`${pathToFileURL(CLI).href}?run=${runs}`)
    code = Number(process.exitCode)
  } finally {
    process.exitCode = exitCode
    process.chdir(folder)
    restore()
    for (const stream of [stdout, stderr]) stream.end()
  }
  const [out, err] = await told
  return { code, stdout: out, stderr: err }
}

/** Gives members of `process` other values; what it returns gives them back theirs. */
function replaceOfProcess(values: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(values).map((name) => [name, Object.getOwnPropertyDescriptor(process, name)] as const)
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(process, name, { value, configurable: true, writable: true })
  }
  return () => {
    for (const [name, descriptor] of before) Object.defineProperty(process, name, descriptor ?? {})
  }
}
