import { createRequire } from 'node:module'
import { extname } from 'node:path'

/** Loads the package's doors by name (`stores/sqlite`), from beside the one whose file URL is given. */
export function doorsBeside(register: string): (name: string) => unknown {
  const load = createRequire(register)
  return (name) => load(`./${name}${extname(register)}`)
}
