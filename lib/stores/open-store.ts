import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { StoreAddress } from './address.ts'
import { connectRedis } from './redis/connect.ts'
import type { CacheStore } from './store.ts'

/** A store opened by its address. */
export interface OpenedStore {
  readonly store: CacheStore
  /** The clock of its server in milliseconds since the epoch; `undefined` if it is this machine's. */
  serverTime(): Promise<number | undefined>
  /** Whether the server is one node of a Redis cluster, which answers only for its own keys. */
  isClusterNode(): Promise<boolean>
  /** Closes the connection, which the store does not. Call it after the store's own `close`. */
  close(): Promise<void>
}

/** How a store is opened. */
export interface OpenOptions {
  /** The folder for relative paths, and for finding packages. */
  readonly folder: string
  /** The secret for sealing answers; default each caller's credential. */
  readonly encryptionKey?: string | undefined
  /** Whether its connection keeps the process alive. Not for an app, which must end when it is done. */
  readonly keepsAlive: boolean
  /** The source of the address, for errors: `LLM_CACHE_STORE`. */
  readonly name: string
  /** Loads one of the package's entry points. Not imported here, since few need a store and all would load its code. */
  readonly door: (name: 'stores/sqlite' | 'stores/redis') => unknown
}

type Doors = Pick<typeof import('./sqlite.ts'), 'sqliteStore'> & Pick<typeof import('./redis.ts'), 'redisStore'>

/**
 * Opens a store by its address; `undefined` for `memory`. A file is created at its first use; a server is connected to
 * at once.
 *
 * @throws TypeError for a path that can't be written and for a missing package. Its message contains no part of the
 * address.
 */
export function openStore(address: StoreAddress, options: OpenOptions): OpenedStore | undefined {
  const { folder, encryptionKey, keepsAlive, name, door } = options
  const encryption = encryptionKey === undefined ? 'credential' : { key: encryptionKey }
  switch (address.kind) {
    case 'memory':
      return undefined
    case 'sqlite': {
      const path = resolve(folder, address.path)
      checkFile(path, name)
      const { sqliteStore } = door('stores/sqlite') as Doors // what that door exports
      return { ...NO_CONNECTION, store: sqliteStore({ path, encryption }) }
    }
    case 'redis': {
      const { client, ...connection } = connectRedis(address.url, { folder, keepsAlive, name })
      const { redisStore } = door('stores/redis') as Doors // what that door exports
      return { ...connection, store: redisStore({ client, encryption }) }
    }
    default:
      return address satisfies never
  }
}

const NO_CONNECTION = {
  serverTime: () => Promise.resolve(undefined),
  isClusterNode: () => Promise.resolve(false),
  close: () => Promise.resolve(),
}

/** Checks the file now, because later each error of an unwritable file would only be a miss. */
function checkFile(path: string, name: string): void {
  const there = nearest(path)
  const isFile = there.path === path
  if (isFile ? !there.isFile : there.isFile) throw new TypeError(`${name} must name a file in a folder`)
  try {
    accessSync(there.path, constants.R_OK | constants.W_OK)
  } catch {
    throw new TypeError(`${name} must name a file that this user may write`)
  }
}

/** The path itself, or the nearest folder above it that exists. Missing folders between them are made later. */
function nearest(path: string): { readonly path: string; readonly isFile: boolean } {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found !== undefined) return { path, isFile: found.isFile() }
  return nearest(dirname(path))
}
