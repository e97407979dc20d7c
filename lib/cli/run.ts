import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import type { Command } from 'commander'
import { absoluteVariables, readProcessOptions } from '../options/process-options.ts'
import { withoutValue } from '../options/environment.ts'
import { openStore } from '../stores/open-store.ts'
import type { PackageFacts } from './define.ts'
import { doorsBeside } from './doors.ts'
import { tell } from './output.ts'

const EXAMPLES = `
The cache works in every Node process that the command starts, by NODE_OPTIONS, without a change to any code. It is
configured by LLM_CACHE_* variables: https://www.npmjs.com/package/undici-llm-cache

Examples:
  undici-llm-cache run -- node app.js
  undici-llm-cache run -- npm test
  undici-llm-cache run --log -- tsx script.ts
  undici-llm-cache run --store sqlite:.llm-cache.db -- next start

Exit codes: the command's own; 78 if a variable is wrong, 127 if there is no such command, 126 if it can't be run.
`

/** `EX_CONFIG` of sysexits. */
const WRONG_SETTING = 78
// A shell's exit codes for a command that can't be started.
const NOT_FOUND = 127
const NOT_EXECUTABLE = 126

interface RunFlags {
  readonly store?: string
  readonly log?: true
}

/** `run -- CMD`: runs a command with the cache in each of its Node processes. */
export function defineRun(command: Command, facts: PackageFacts): void {
  command
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--store <address>', 'memory, sqlite:PATH or redis://…, as LLM_CACHE_STORE')
    .option('--log', 'one line a call on stderr, as LLM_CACHE_LOG=1')
    .passThroughOptions()
    .addHelpText('after', EXAMPLES)
    .action(async ([file = '', ...args]: string[], flags: RunFlags) => {
      process.exitCode = await run(file, args, variablesOf(flags), facts.register)
    })
}

function variablesOf({ store, log }: RunFlags): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...(store !== undefined && { LLM_CACHE_STORE: store }),
    ...(log === true && { LLM_CACHE_LOG: '1' }),
  }
}

async function run(
  file: string,
  args: readonly string[],
  variables: NodeJS.ProcessEnv,
  register: string,
): Promise<number> {
  const problems = await problemsOf(variables, register)
  for (const problem of problems) tell(`undici-llm-cache: ${problem}`)
  if (problems.length > 0) return WRONG_SETTING
  const options = `${variables['NODE_OPTIONS'] ?? ''} --import ${register}`.trim()
  // Child processes may run in other folders: relative paths refer to this one.
  const env = { ...absoluteVariables(variables, process.cwd()), NODE_OPTIONS: options }
  return finish(spawn(file, args, { stdio: 'inherit', env }))
}

/** The settings that `register` would ignore because they are wrong. */
async function problemsOf(variables: NodeJS.ProcessEnv, register: string): Promise<readonly string[]> {
  const folder = process.cwd()
  const { store, encryptionKey, problems } = readProcessOptions(variables, folder)
  if (store === undefined) return problems
  try {
    await openStore(store, {
      folder,
      encryptionKey,
      keepsAlive: false,
      name: 'LLM_CACHE_STORE',
      door: doorsBeside(register),
    })?.close()
    return problems
  } catch (error) {
    return [...problems, withoutValue(error)]
  }
}

/** Waits until a process ends. Signals to this process are passed on to it. */
async function finish(child: ChildProcess): Promise<number> {
  const handOn = (signal: NodeJS.Signals): void => void child.kill(signal)
  // A terminal sends these two to both processes. If they were passed on, the command would get them twice, and many
  // programs take the second one as "stop at once".
  const both = process.stdin.isTTY ? (): void => undefined : handOn
  const listeners = Object.entries({ SIGINT: both, SIGHUP: both, SIGTERM: handOn })
  for (const [signal, listener] of listeners) process.on(signal, listener)
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']))
    child.once('error', (error: NodeJS.ErrnoException) => {
      tell(`undici-llm-cache: ${child.spawnfile} can't be run (${error.code})`)
      resolve(error.code === 'ENOENT' ? NOT_FOUND : NOT_EXECUTABLE)
    })
  })
}
