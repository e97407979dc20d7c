import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inject } from 'vitest'

/** The folder of the package as it is shipped, built from the sources of this run: what processes that specs start use. */
export const PACKAGE: string = inject('package')

/** The command line. */
export const CLI: string = join(PACKAGE, 'dist/cli.js')

/** The module that `--import` takes. */
export const REGISTER: string = doorUrl('register')

/** The address of a door, for an `import` in an app: `index`, `stores/redis`. */
export function doorUrl(name: string): string {
  return fromPackage(`dist/${name}.js`).href
}

/** A file of the package. */
export function fromPackage(path: string): URL {
  return pathToFileURL(join(PACKAGE, path))
}

/** Node's options for a process of ours that imports doors from `lib`: it gets the built ones, which load three times as fast. */
export const USE_PACKAGE: readonly string[] = [
  '--import',
  `${new URL('use-package.ts', import.meta.url).href}?${encodeURIComponent(PACKAGE)}`,
]
