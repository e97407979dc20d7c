import type Crypto from 'node:crypto'

let loaded: typeof Crypto | undefined

/** Node's crypto, loaded when it is first used: it takes 3 MiB and 7 ms, and many processes make no call. */
export function crypto(): typeof Crypto {
  loaded ??= process.getBuiltinModule('node:crypto')
  return loaded
}
