import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * A package that an app may have installed: looked for from the working directory, then from here; else `undefined`.
 */
export function optionalPackage(name: string): unknown {
  for (const from of [join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      return createRequire(from)(name)
    } catch {
      // Not installed there, or not one that can be loaded.
    }
  }
  return undefined
}
