import { createRequire } from 'node:module'
import { extname } from 'node:path'

/** Loads the package's entry points by name (`stores/sqlite`), from the folder of the one whose file URL is given. */
export function doorsBeside(register: string): (name: string) => unknown {
  const load = createRequire(register)
  return (name) => load(`./${name}${extname(register)}`)
}
