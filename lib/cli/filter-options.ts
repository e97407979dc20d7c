import { type Command, InvalidArgumentError } from 'commander'
import type { EntryInfo } from '../stores/entry.ts'
import type { Filter } from '../stores/filter.ts'
import type { CacheStore } from '../stores/store.ts'

/** Values of the options that `addFilterOptions` adds; `key` may be only the beginning of one. */
export type FilterFlags = Filter

/** Adds the options that select entries. An entry must match all given options. */
export function addFilterOptions(command: Command): Command {
  return command
    .option('--provider <id>', 'of this provider: openai')
    .option('--model <name>', 'of this model, as the caller named it')
    .option('--namespace <name>', 'in this namespace')
    .option('--tag <tag>', 'with this tag')
    .option('--key <key>', 'under this key, or the one key that begins so')
    .option('--older-than <time>', 'stored longer ago than this: 90s, 15m, 12h, 7d; seconds without a unit', parseTime)
}

/** The filter of a command line, without `key`, which may be only the beginning of one. */
export function filterOf({ namespace, provider, model, tag, olderThan }: FilterFlags): Filter {
  return {
    ...(namespace !== undefined && { namespace }),
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
    ...(tag !== undefined && { tag }),
    ...(olderThan !== undefined && { olderThan }),
  }
}

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

function parseTime(text: string): number {
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(text) ?? []
  if (digits === '') throw new InvalidArgumentError('It must be a time such as 90s, 15m, 12h or 7d.')
  return Number(digits) * (UNITS[unit] ?? 1)
}

/** A whole number of 1 or more, as commander parses an option's value. */
export function parseCount(text: string): number {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number, 1 or more.')
  return count
}

/**
 * The entries that a command line selects.
 *
 * @throws Error if several keys, or none, have the given beginning.
 */
export async function* pick(store: CacheStore, flags: FilterFlags): AsyncGenerator<EntryInfo> {
  const { key } = flags
  const filter = filterOf(flags)
  yield* store.entries(key === undefined ? filter : { ...filter, key: await wholeKey(store, key) })
}

/**
 * The only key of a store with this beginning.
 *
 * @throws Error if there are several, or none.
 */
export async function wholeKey(store: CacheStore, beginning: string): Promise<string> {
  if (beginning.length === KEY_LENGTH) return beginning
  const found: string[] = []
  for await (const { key } of store.entries()) if (key.startsWith(beginning)) found.push(key)
  const [key, ...more] = found
  if (key === undefined) throw new Error(`no key begins with ${beginning}`)
  if (more.length > 0) throw new Error(`${found.length} keys begin with ${beginning}`)
  return key
}

const KEY_LENGTH = 64
