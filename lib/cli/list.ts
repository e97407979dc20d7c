import type { Command } from 'commander'
import { showAge, showBytes, showCount, showNumberOf, showPlain, showSpan } from '../base/units.ts'
import type { EntryInfo } from '../stores/entry.ts'
import { isFromFuture } from '../stores/freshness.ts'
import type { PackageFacts } from './define.ts'
import { addFilterOptions, type FilterFlags, parseCount, pick } from './filter-options.ts'
import { addStoreOption, type StoreFlags, withStore } from './open-cache.ts'
import { print, tell } from './output.ts'
import { type Column, renderColumns } from './table.ts'

const EXAMPLES = `
Examples:
  undici-llm-cache ls --store sqlite:.llm-cache.db
  undici-llm-cache ls --model gpt-5.1 --older-than 7d
  undici-llm-cache ls --json | jq -r 'select(.hits == 0) | .key'
`

type Flags = StoreFlags & FilterFlags & { readonly json?: true; readonly limit: number }

/** `ls`: the entries of a store, the newest first. */
export function defineList(command: Command, facts: PackageFacts): void {
  addFilterOptions(addStoreOption(command))
    .option('-n, --limit <count>', 'rows of the table', parseCount, 100)
    .option('--json', 'every entry as JSON, one a line')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) =>
      withStore({ command, flags, facts }, ({ store }) => {
        const entries = pick(store, flags)
        return flags.json ? printLines(entries) : printTable(entries, flags.limit)
      }),
    )
}

async function printLines(entries: AsyncIterable<EntryInfo>): Promise<void> {
  for await (const entry of entries) print(JSON.stringify(entry))
}

async function printTable(entries: AsyncIterable<EntryInfo>, limit: number): Promise<void> {
  let newest: EntryInfo[] = []
  let count = 0
  for await (const entry of entries) {
    count++
    newest.push(entry)
    // A store may have millions of entries.
    if (newest.length >= 2 * limit + 1000) newest = newestOf(newest, limit)
  }
  const rows = newestOf(newest, limit)
  if (rows.length > 0) print(renderColumns(rows, columns(Date.now())))
  const all = showNumberOf(count, 'entry', 'entries')
  tell(count > rows.length ? `${showCount(rows.length)} of ${all} (--limit)` : all)
}

function newestOf(entries: readonly EntryInfo[], limit: number): EntryInfo[] {
  return entries.toSorted((a, b) => b.storedAt - a.storedAt).slice(0, limit)
}

/** Characters of a key that are shown: enough to be unique, as with git commits. */
const SHORT_KEY = 12

function columns(now: number): Column<EntryInfo>[] {
  return [
    { head: 'KEY', cell: ({ key }) => key.slice(0, SHORT_KEY) },
    { head: 'PROVIDER', cell: ({ provider }) => showPlain(provider) },
    { head: 'MODEL', cell: ({ model = '' }) => showPlain(model) },
    { head: 'ENDPOINT', cell: ({ endpoint }) => showPlain(endpoint) },
    { head: 'FORM', cell: ({ stream }) => (stream ? 'stream' : 'whole') },
    { head: 'SIZE', align: 'right', cell: ({ size }) => showBytes(size) },
    { head: 'AGE', align: 'right', cell: ({ storedAt }) => showAge(storedAt, now) },
    { head: 'TTL', align: 'right', cell: (entry) => timeLeft(entry, now) },
    { head: 'HITS', align: 'right', cell: ({ hits }) => showCount(hits) },
    { head: 'NAMESPACE', cell: ({ namespace }) => showPlain(namespace) },
    { head: 'TAGS', cell: ({ tags }) => showPlain(tags.join(',')) },
  ]
}

/** `ahead`: stored while a clock was ahead, so it counts as missing. */
function timeLeft(entry: EntryInfo, now: number): string {
  if (isFromFuture(entry, now)) return 'ahead'
  return entry.expiresAt > now ? showSpan((entry.expiresAt - now) / 1000) : 'stale'
}
