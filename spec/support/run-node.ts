import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { PACKAGE } from './package.ts'

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url))

/** What a process that has ended left behind. */
export interface Ended {
  /** `null`: a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  /** Less what Node itself says of features that are not stable. */
  readonly stderr: string
}

/** How a process is started. */
export interface RunOptions {
  readonly cwd?: string
  /** Beside what {@link childEnv} has: nothing else of the running spec reaches it. */
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** This Node, if there is none. */
  readonly execPath?: string
}

/** Runs this Node to its end. */
export function runNode(args: readonly string[], runOptions: RunOptions = {}): Promise<Ended> {
  const { cwd, env, stdin = '', execPath = process.execPath } = runOptions
  const options = { env: childEnv(env), ...(cwd !== undefined && { cwd }) }
  return new Promise((resolve) => {
    const child = execFile(execPath, args, options, (_error, stdout, stderr) =>
      resolve({
        code: child.exitCode,
        stdout,
        stderr: stderr.replaceAll(/^.*(ExperimentalWarning|is experimental|--trace-warnings).*\n/gm, ''),
      }),
    )
    // One that hangs would keep the spec's own process from its end.
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stdin?.end(stdin)
  })
}

/** What a process that a spec starts knows of the running spec: `PATH`, and where compiled modules are kept. */
export function childEnv(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  return { PATH, NODE_COMPILE_CACHE, ...env }
}

/** This Node; where root runs it, without the right to write everywhere (by util-linux's setpriv). */
export async function nodeWithoutRootsRights(): Promise<string> {
  if (process.getuid?.() !== 0) return process.execPath
  const path = join(await makeFolder({}), 'node')
  const rights = '-dac_override,-dac_read_search'
  const command = `setpriv --bounding-set ${rights} --inh-caps ${rights} "${process.execPath}" "$@"`
  await writeFile(path, `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 })
  return path
}

/**
 * A folder with these files, as an app's own. What this package may import it may import too, unless some files are in a
 * node_modules of its own. Gone after the spec.
 */
export async function makeFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'llm-cache-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const names = Object.keys(files)
  if (!names.some((name) => name.startsWith('node_modules/'))) await symlink(MODULES, join(folder, 'node_modules'))
  await writeFiles(folder, files)
  return folder
}

/**
 * A folder as {@link makeFolder} makes it, inside of one that has this package's dependencies, and with this package
 * installed in its node_modules.
 */
export async function makeApp(files: Readonly<Record<string, string>>): Promise<string> {
  const outer = await makeFolder({})
  const app = join(outer, 'app')
  await writeFiles(app, files)
  await mkdir(join(app, 'node_modules'), { recursive: true })
  await symlink(PACKAGE, join(app, 'node_modules/undici-llm-cache'))
  return app
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}
