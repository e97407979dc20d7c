import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * A package that the app may have installed, resolved from the working directory, then from here; `undefined` if there
 * is none.
 */
export function optionalPackage(name: string): unknown {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return createRequire(from)(name)
    } catch {
      // Not installed there, or it can't be loaded.
    }
  }
  return undefined
}
