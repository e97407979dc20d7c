import { createHash } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'
import type { TestProject } from 'vitest/node'
import bundle from '../../lib/rolldown.config.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the package, built from the sources of this run. */
    readonly package: string
  }
}

const MANIFEST = fileURLToPath(new URL('../../package.json', import.meta.url))
/** Below node_modules, so that what the package imports is found from there. */
const CACHES = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url))
const BUILDS = join(CACHES, 'undici-llm-cache')
/** What Node keeps compiled of all specs and builds: 300 MB in a day of much work, of which nothing is ever removed. */
const COMPILED = join(CACHES, 'node')
const HOUR = 60 * 60 * 1000

/** Builds the package as it is shipped, for the processes that specs start: once a run, and when vitest watches, once a change. */
export async function setup(project: TestProject): Promise<void> {
  const provide = async (): Promise<void> => project.provide('package', await buildPackage())
  await provide()
  project.onTestsRerun(provide)
}

/** The same sources give the same folder: runs share it, and what Node keeps compiled of it. */
async function buildPackage(): Promise<string> {
  const { output } = await build({ ...bundle, write: false })
  const files = output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source] as const)
  const hash = createHash('sha256')
  for (const [name, content] of files) hash.update(name).update(content)
  const folder = join(BUILDS, hash.digest('hex').slice(0, 16))
  await mkdir(BUILDS, { recursive: true })
  // A build is kept for longer than any run. One that watches makes it again where it is gone.
  for (const name of await readdir(BUILDS)) await removeAfter(HOUR, join(BUILDS, name))
  await removeAfter(24 * HOUR, COMPILED)
  if (!(await isThere(folder))) await writePackage(folder, files)
  return folder
}

/** Whether a run has made it already; it is in use again. */
function isThere(folder: string): Promise<boolean> {
  const now = new Date()
  return utimes(folder, now, now).then(
    () => true,
    () => false,
  )
}

/** Whole or not at all: another run may make the same at the same time, and its one is as good. */
async function writePackage(folder: string, files: readonly (readonly [string, string | Uint8Array])[]): Promise<void> {
  const unfinished = await mkdtemp(`${folder}-`)
  for (const [name, content] of files) {
    const path = join(unfinished, 'dist', name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  await copyFile(MANIFEST, join(unfinished, 'package.json'))
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true }))
}

/** Removes a folder of which nobody has said for so many milliseconds that it is in use. */
async function removeAfter(milliseconds: number, folder: string): Promise<void> {
  const used = await stat(folder).catch(() => undefined)
  if (used === undefined || Date.now() - used.mtimeMs <= milliseconds) return
  // Another run may be writing to it, or removing it.
  await rm(folder, { recursive: true, force: true }).catch(() => undefined)
}
