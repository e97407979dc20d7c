import type { Command } from 'commander'
import { showCount, showNumberOf } from '../base/units.ts'
import type { CacheStore } from '../stores/store.ts'
import type { PackageFacts } from './define.ts'
import { addFilterOptions, type FilterFlags, filterOf, wholeKey } from './filter-options.ts'
import { addStoreOption, type StoreFlags, withStore } from './open-cache.ts'
import { print, printJson } from './output.ts'

const EXAMPLES = `
Removes the entries that match the options; without options, all. Running apps drop them within a second.

Examples:
  undici-llm-cache clear --model 'gpt-5.1' --dry-run
  undici-llm-cache clear --older-than 30d
  undici-llm-cache clear --key 3f9a1c
  undici-llm-cache clear --store redis://localhost:6379
`

type Flags = StoreFlags & FilterFlags & { readonly dryRun?: true; readonly json?: true }

/** `clear`: removes entries from a store. */
export function defineClear(command: Command, facts: PackageFacts): void {
  addFilterOptions(addStoreOption(command))
    .option('--dry-run', 'only count what would be removed')
    .option('--json', '{ before, picked, after }')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) =>
      withStore({ command, flags, facts }, async ({ store }) => {
        const counts = await clear(store, flags)
        if (flags.json) return printJson(counts)
        const { before, picked, after } = counts
        const verb = flags.dryRun ? 'would go' : picked === 1 ? 'is gone' : 'are gone'
        const all = `${showCount(before)} before, ${showCount(after)} after`
        print(`${showNumberOf(picked, 'entry', 'entries')} ${verb}; ${all}`)
      }),
    )
}

async function clear(store: CacheStore, flags: Flags): Promise<{ before: number; picked: number; after: number }> {
  const filter = { ...filterOf(flags), ...(flags.key !== undefined && { key: await wholeKey(store, flags.key) }) }
  const before = await count(store.entries())
  const picked = flags.dryRun ? await count(store.entries(filter)) : await store.clear(filter)
  return { before, picked, after: await count(store.entries()) }
}

async function count(entries: Iterable<unknown> | AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of entries) count++
  return count
}
