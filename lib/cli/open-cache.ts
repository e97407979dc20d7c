import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { createLlmCache, type LlmCache } from '../cache.ts'
import { readEnvironment, withoutValue } from '../options/environment.ts'
import type { LlmCacheOptions } from '../options/options.ts'
import { parseStoreAddress, type StoreAddress } from '../stores/address.ts'
import { openStore, type OpenedStore } from '../stores/open-store.ts'
import type { CacheStore } from '../stores/store.ts'
import type { PackageFacts } from './define.ts'
import { doorsBeside } from './doors.ts'

/** Value of the option that `addStoreOption` adds. */
export interface StoreFlags {
  readonly store?: string
}

/** A store, and a cache over it that no call goes through. */
export interface OpenCache {
  readonly cache: LlmCache
  /** The store itself, whose errors are thrown. The cache would go on without it. */
  readonly store: CacheStore
  readonly address: StoreAddress
  /** `LLM_CACHE_ENCRYPTION_KEY`. */
  readonly encryptionKey: string | undefined
  /** Time of the store's server, in milliseconds since the epoch; `undefined` if there is no server. */
  readonly serverTime: OpenedStore['serverTime']
  /** Whether the server is one node of a Redis cluster. */
  readonly isClusterNode: OpenedStore['isClusterNode']
}

/** Adds the option that names the store. */
export function addStoreOption(command: Command): Command {
  return command.option('--store <address>', 'sqlite:PATH or redis://…; default LLM_CACHE_STORE')
}

/** How a command uses a store. */
export interface StoreUse {
  readonly command: Command
  readonly flags: StoreFlags
  readonly facts: PackageFacts
  /** Whether to create a missing file. Otherwise a missing file is an error, since its name may be misspelt. */
  readonly mayMake?: boolean
  /** Options of the cache beside the store. */
  readonly options?: LlmCacheOptions
}

/** Opens the store that the command line or `LLM_CACHE_STORE` names, while `act` runs. Naming none is a usage error. */
export async function withStore<T>(use: StoreUse, act: (open: OpenCache) => Promise<T>): Promise<T> {
  const { command, flags, facts, mayMake = false, options } = use
  const { store: named, encryptionKey, problems } = readEnvironment(process.env)
  const address = addressOf(command, flags, named) ?? unnamed(command, problems)
  if (address.kind === 'sqlite' && !mayMake) mustExist(address.path)
  const opened = open(command, address, { encryptionKey, facts })
  const { store, serverTime, isClusterNode } = opened
  const cache = createLlmCache({ ...options, store })
  try {
    return await act({ cache, store, address, encryptionKey, serverTime, isClusterNode })
  } finally {
    await cache.close()
    await opened.close()
  }
}

function addressOf(command: Command, { store }: StoreFlags, named: StoreAddress | undefined): StoreAddress | undefined {
  return store === undefined ? named : parse(command, store)
}

function unnamed(command: Command, problems: readonly string[]): never {
  const wrong = problems.find((problem) => problem.startsWith('LLM_CACHE_STORE '))
  const how = '--store sqlite:PATH, --store redis://… or LLM_CACHE_STORE'
  return command.error(`error: ${wrong ?? `no store is named: ${how}`}`)
}

function parse(command: Command, text: string): StoreAddress {
  try {
    return parseStoreAddress(text, '--store')
  } catch (error) {
    return command.error(`error: ${withoutValue(error)}`)
  }
}

function mustExist(path: string): void {
  if (!existsSync(resolve(path))) throw new Error(`there is no file ${path}`)
}

function open(
  command: Command,
  address: StoreAddress,
  { encryptionKey, facts }: { readonly encryptionKey: string | undefined; readonly facts: PackageFacts },
): OpenedStore {
  const door = doorsBeside(facts.register)
  const opened = openStore(address, { folder: process.cwd(), encryptionKey, keepsAlive: true, name: 'the store', door })
  return opened ?? command.error('error: a store in memory ends with its process: name sqlite:PATH or redis://…')
}
