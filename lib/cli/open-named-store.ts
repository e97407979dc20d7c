import type { Command } from 'commander'
import { withoutValue } from '../options/environment.ts'
import { readProcessOptions } from '../options/process-options.ts'
import { parseStoreAddress } from '../stores/address.ts'
import { openStore, type OpenedStore } from '../stores/open-store.ts'
import type { PackageFacts } from './define.ts'
import { doorsBeside } from './doors.ts'

/** Opens the store that `--store` or `LLM_CACHE_STORE` names. Where none does, the command line is wrong. */
export function openNamedStore(command: Command, store: string | undefined, { register }: PackageFacts): OpenedStore {
  const { store: named, encryptionKey } = readProcessOptions(process.env, process.cwd())
  try {
    const address = store === undefined ? named : parseStoreAddress(store, '--store')
    const options = {
      folder: process.cwd(),
      encryptionKey,
      keepsAlive: true,
      name: 'the store',
      door: doorsBeside(register),
    }
    const opened = address === undefined ? undefined : openStore(address, options)
    if (opened !== undefined) return opened
  } catch (error) {
    return command.error(`error: ${withoutValue(error)}`)
  }
  return command.error('error: no store is named: --store sqlite:PATH, --store redis://… or LLM_CACHE_STORE')
}
