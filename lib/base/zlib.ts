import type Zlib from 'node:zlib'

let loaded: typeof Zlib | undefined

/** Node's zlib, loaded when it is first used: it takes 2 MiB, and many processes see no compressed answer. */
export function zlib(): typeof Zlib {
  loaded ??= process.getBuiltinModule('node:zlib')
  return loaded
}
