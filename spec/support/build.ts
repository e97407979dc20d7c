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
const BUILDS = fileURLToPath(new URL('../../node_modules/.cache/undici-llm-cache', import.meta.url))
/** Longer than any run. One that watches makes its build again where it is gone. */
const KEPT = 60 * 60 * 1000

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
  await removeOldBuilds()
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

async function removeOldBuilds(): Promise<void> {
  for (const name of await readdir(BUILDS)) {
    const folder = join(BUILDS, name)
    const used = await stat(folder).catch(() => undefined)
    if (used !== undefined && Date.now() - used.mtimeMs > KEPT) await rm(folder, { recursive: true, force: true })
  }
}
