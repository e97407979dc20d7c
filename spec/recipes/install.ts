import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** A folder outside of the checkout, as a user's own, with packages from the registry. */
export interface Installed {
  readonly folder: string
  /** This package as `npm pack` makes it. */
  readonly packed: string
  /** Makes an app below the folder: what is installed there, it may import. Resolves to its folder. */
  app(files: Readonly<Record<string, string>>): Promise<string>
  /** The file of an installed package. */
  bin(path: string): string
}

/** Installs what `NAME/package.json` lists, and the packed package, for the specs of one file. */
export async function install(name: string): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), `recipes-${name}-`))
  afterAll(() => rm(folder, { recursive: true, force: true }))
  await copyFile(new URL(`${name}/package.json`, import.meta.url), join(folder, 'package.json'))
  const packed = await pack(folder)
  await npm(folder, 'install', packed)
  let apps = 0
  return {
    folder,
    packed,
    bin: (path) => join(folder, 'node_modules', path),
    async app(files) {
      const app = join(folder, `app-${apps++}`)
      await writeFiles(app, files)
      return app
    },
  }
}

/** Runs npm in a folder; nobody's answer is waited for, and no package runs a script of its own. */
export async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  await run('npm', [...args, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd })
}

/** Packs what `npm run recipes` has just built. */
async function pack(folder: string): Promise<string> {
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root })
  const file = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
  return join(folder, file ?? expect.fail('npm pack made no file'))
}

/** Writes files into a folder that may not be there yet. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}
