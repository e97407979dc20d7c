import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** One copy of a package on disk. */
export interface Installed {
  readonly name: string
  readonly version: string
  /** Its folder, relative to the app's. */
  readonly path: string
}

/** Levels of nested node_modules that are searched. More would mean a cycle of links. */
const MAX_DEPTH = 6

/**
 * All copies of the named packages that an app in `folder` may load: in its node_modules and those of the folders
 * above, in pnpm's store, and in the node_modules of its packages, where a second version of an SDK may be.
 */
export function findInstalled(names: ReadonlySet<string>, folder: string): Installed[] {
  const found = new Map<string, Installed>()
  for (let at = folder; ; at = dirname(at)) {
    walk(join(at, 'node_modules'), names, folder, found, MAX_DEPTH)
    if (dirname(at) === at) break
  }
  return [...found.values()].toSorted((a, b) => a.name.localeCompare(b.name) || a.path.localeCompare(b.path))
}

function walk(
  modules: string,
  names: ReadonlySet<string>,
  folder: string,
  found: Map<string, Installed>,
  depth: number,
): void {
  for (const name of depth === 0 ? [] : packagesIn(modules)) {
    const path = join(modules, name)
    const version = names.has(name) ? versionOf(path) : undefined
    // pnpm links to one copy from many places.
    if (version !== undefined) found.set(realpathSync(path), { name, version, path: relative(folder, path) })
    walk(join(path, 'node_modules'), names, folder, found, depth - 1)
  }
}

/** Names of packages, scoped ones too, and the folders of pnpm's store. */
function packagesIn(modules: string): string[] {
  return list(modules).flatMap((name) => {
    if (name === '.pnpm') return list(join(modules, name)).map((one) => join(name, one))
    if (name.startsWith('@')) return list(join(modules, name)).map((one) => `${name}/${one}`)
    return name.startsWith('.') ? [] : [name]
  })
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // most packages have no node_modules of their own
  }
}

function versionOf(folder: string): string | undefined {
  try {
    const manifest: { version?: unknown } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return typeof manifest.version === 'string' ? manifest.version : undefined
  } catch {
    return undefined
  }
}
