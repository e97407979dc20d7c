import { type Command, Option } from 'commander'
import { showAge, showBytes, showCount, showDollars, showNumberOf, showPlain } from '../base/units.ts'
import type { EntryInfo } from '../stores/entry.ts'
import { priceOf } from '../telemetry/prices.ts'
import type { PackageFacts } from './define.ts'
import { addFilterOptions, type FilterFlags, pick } from './filter-options.ts'
import { addStoreOption, type StoreFlags, withStore } from './open-cache.ts'
import { print, printJson } from './output.ts'
import { readHistory, renderHistory } from './stored-history.ts'
import { type Column, renderColumns } from './table.ts'

const EXAMPLES = `
Shows what is in a store, and what its entries have saved so far: how often each was served, times its tokens at list price.
Without a filter, also the calls of all processes that used the store in the last 24 hours and 30 days; each process records them
once a minute and when it ends.

Examples:
  undici-llm-cache stats --store sqlite:.llm-cache.db
  undici-llm-cache stats --by namespace --older-than 7d
  undici-llm-cache stats --json | jq .all.savedCost
  undici-llm-cache stats --json | jq '.history.last24Hours | .hits / (.hits + .misses)'
`

const GROUPS = {
  provider: ({ provider }: EntryInfo) => provider,
  model: ({ model = '' }: EntryInfo) => model,
  namespace: ({ namespace }: EntryInfo) => namespace,
  endpoint: ({ endpoint }: EntryInfo) => endpoint,
} as const

type Group = keyof typeof GROUPS
type Flags = StoreFlags & FilterFlags & { readonly by: Group; readonly json?: true }

/** `stats`: what is in a store, and what it has saved. */
export function defineStats(command: Command, facts: PackageFacts): void {
  addFilterOptions(addStoreOption(command))
    .addOption(new Option('--by <part>', 'what makes a row').choices(Object.keys(GROUPS)).default('model'))
    .option('--json', '{ all, by, history: { last24Hours, last30Days } }')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) =>
      withStore({ command, flags, facts }, async ({ store }) => {
        const all = new Sum()
        const by = new Map<string, Sum>()
        for await (const entry of pick(store, flags)) {
          const name = GROUPS[flags.by](entry)
          const group = by.get(name) ?? new Sum()
          by.set(name, group)
          for (const sum of [all, group]) sum.add(entry)
        }
        const history = isFiltered(flags) ? undefined : await readHistory(store, Date.now())
        if (flags.json) return printJson({ all, by: Object.fromEntries(by), history })
        printSums(all, by, flags.by)
        if (history !== undefined) print(`\n${renderHistory(history, flags.by)}`)
      }),
    )
}

/** Whether entries are selected: calls are counted only by model and by namespace. */
function isFiltered({ provider, model, namespace, tag, key, olderThan }: FilterFlags): boolean {
  return [provider, model, namespace, tag, key, olderThan].some((flag) => flag !== undefined)
}

/** Sums over entries. Costs are US dollars at list price; hits without a known price are counted separately. */
class Sum {
  entries = 0
  /** Bytes of the answers. */
  size = 0
  hits = 0
  savedInputTokens = 0
  savedOutputTokens = 0
  savedCost = 0
  unpricedHits = 0
  /** Milliseconds since the epoch. */
  oldest: number | undefined
  newest: number | undefined

  add({ provider, model, usage, size, hits, storedAt }: EntryInfo): void {
    this.entries++
    this.size += size
    this.hits += hits
    this.oldest = Math.min(this.oldest ?? storedAt, storedAt)
    this.newest = Math.max(this.newest ?? storedAt, storedAt)
    if (hits === 0) return
    this.savedInputTokens += hits * (usage?.inputTokens ?? 0)
    this.savedOutputTokens += hits * (usage?.outputTokens ?? 0)
    const cost = usage && model !== undefined ? priceOf(provider, model, usage) : usage?.cost
    if (cost === undefined) this.unpricedHits += hits
    else this.savedCost += hits * cost
  }
}

function printSums(all: Sum, by: ReadonlyMap<string, Sum>, group: Group): void {
  const rows = [...by].toSorted(([, a], [, b]) => b.hits - a.hits || b.entries - a.entries)
  if (rows.length > 0) print(`${renderColumns(rows, columns(group))}\n`)
  const ages = [all.oldest, all.newest].map((at) => (at === undefined ? '' : showAge(at, Date.now())))
  const age = all.entries === 0 ? '' : `, ${ages.join(' to ')} old`
  print(`${showNumberOf(all.entries, 'entry', 'entries')}, ${showBytes(all.size)}${age}`)
  const unpriced = all.unpricedHits === 0 ? '' : ` (${showNumberOf(all.unpricedHits, 'hit')} of no known price)`
  const tokens = showCount(all.savedInputTokens + all.savedOutputTokens)
  print(`${showNumberOf(all.hits, 'hit')}, which saved ${tokens} tokens, ${showDollars(all.savedCost)}${unpriced}`)
}

function columns(group: Group): Column<readonly [string, Sum]>[] {
  return [
    { head: group.toUpperCase(), cell: ([name]) => showPlain(name) || '-' },
    { head: 'ENTRIES', align: 'right', cell: ([, { entries }]) => showCount(entries) },
    { head: 'SIZE', align: 'right', cell: ([, { size }]) => showBytes(size) },
    { head: 'HITS', align: 'right', cell: ([, { hits }]) => showCount(hits) },
    {
      head: 'TOKENS SAVED',
      align: 'right',
      cell: ([, { savedInputTokens, savedOutputTokens }]) => showCount(savedInputTokens + savedOutputTokens),
    },
    {
      head: 'SAVED',
      align: 'right',
      cell: ([, sum]) => (sum.hits > sum.unpricedHits ? showDollars(sum.savedCost) : '-'),
    },
  ]
}
