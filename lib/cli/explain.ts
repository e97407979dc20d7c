import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { parseJson } from '../base/json.ts'
import { showPlain } from '../base/units.ts'
import { openAsked } from '../explain/asked.ts'
import { metaOf, nearestIn } from '../explain/explain-stored.ts'
import { type DescribedCall, describeCalls } from '../explain/described-call.ts'
import { readProcessOptions } from '../options/process-options.ts'
import { resolveOptions } from '../options/resolve-options.ts'
import type { EntryMeta } from '../stores/entry.ts'
import { isFromFuture } from '../stores/freshness.ts'
import type { CacheStore } from '../stores/store.ts'
import { addCredentialOption, type CredentialFlags, credentialOf } from './credential-option.ts'
import type { PackageFacts } from './define.ts'
import { wholeKey } from './filter-options.ts'
import { addStoreOption, type StoreFlags, withStore } from './open-cache.ts'
import { print } from './output.ts'

const EXAMPLES = `
Says what a call would find in a store, or how an entry differs from the nearest one with the same API key. Only entries stored
with the option explain (LLM_CACHE_EXPLAIN=1) can be compared.

A request is JSON: { "url": "https://api.openai.com/v1/chat/completions", "headers": { … }, "body": { … } }. For its API key, name
the variable that has it: the key itself never appears on the command line.

Examples:
  undici-llm-cache explain 3f9a1c --store sqlite:.llm-cache.db
  undici-llm-cache explain request.json --credential-env OPENAI_API_KEY
`

interface Flags extends StoreFlags, CredentialFlags {
  readonly namespace?: string
}

/** `explain KEY` and `explain REQUEST.json`: explains from a store's entries why a call missed. */
export function defineExplain(command: Command, facts: PackageFacts): void {
  addCredentialOption(addStoreOption(command), 'the variable that holds the API key of the request')
    .argument('<what>', 'x-llm-cache-key, or enough of its beginning, or a file with a request')
    .option('--namespace <name>', 'the namespace of the request')
    .addHelpText('after', EXAMPLES)
    .action(async (what: string, flags: Flags) => {
      const credential = credentialOf(command, flags)
      const isKey = /^[0-9a-f]{1,64}$/.test(what) && !existsSync(what)
      await withStore({ command, flags, facts }, async ({ store }) => {
        print(await (isKey ? explainKey(store, what) : explainRequest(store, what, credential, flags)))
      })
    })
}

async function explainKey(store: CacheStore, beginning: string): Promise<string> {
  const key = await wholeKey(store, beginning)
  const meta = await metaOf(store, key)
  if (meta === undefined) throw new Error('there is no such entry: it was not stored, or cleared, or evicted')
  const asked = meta.asked && openAsked(meta.asked)
  if (asked === undefined) return `${stateOf(meta)}; it was stored without the option explain`
  const nearest = await nearestIn(store, asked, key)
  return [stateOf(meta), nearest && `nearest ${nearest.key}: ${differing(nearest.differs)}`].filter(Boolean).join('\n')
}

async function explainRequest(
  store: CacheStore,
  path: string,
  credential: string | undefined,
  { namespace = '' }: Flags,
): Promise<string> {
  const options = resolveOptions(readProcessOptions(process.env, process.cwd()).options)
  const request = parseJson((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''))
  // The parser's own message would show a part of the file.
  if (request === undefined) throw new Error(`${path} is no JSON`)
  const calls = await describeCalls(request, { credential, namespace, options })
  for (const call of calls) {
    const meta = await metaOf(store, call.key)
    if (meta !== undefined) return `${call.key}: ${stateOf(meta)}`
  }
  return (
    (await nearestOf(store, calls)) ??
    `${calls[0]?.key}: nothing of this API key that was stored with the option explain`
  )
}

async function nearestOf(store: CacheStore, calls: readonly DescribedCall[]): Promise<string | undefined> {
  for (const { key, asking } of calls) {
    const nearest = asking && (await nearestIn(store, asking, key))
    if (nearest !== undefined) return `${key}: not stored\nnearest ${nearest.key}: ${differing(nearest.differs)}`
  }
  return undefined
}

function stateOf(entry: EntryMeta): string {
  const now = Date.now()
  if (isFromFuture(entry, now)) return 'stored while a clock was ahead, counts as missing'
  const left = Math.floor((entry.expiresAt - now) / 1000)
  return left >= 0 ? `stored, good for ${left} s` : `expired ${-left} s ago`
}

function differing(differs: readonly string[]): string {
  return differs.length === 0 ? 'nothing differs' : `differs: ${differs.map((part) => showPlain(part)).join(', ')}`
}
