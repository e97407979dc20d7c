import type { Command } from 'commander'
import { showAge, showBytes, showCount, showPlain, showSpan } from '../base/units.ts'
import { secretsOf } from '../key/typed-credential.ts'
import { plain } from '../replay/negotiate.ts'
import type { Entry, EntryInfo } from '../stores/entry.ts'
import { isFromFuture } from '../stores/freshness.ts'
import { openRecord, type OpenedRecord } from '../stores/open-record.ts'
import { addCredentialOption, type CredentialFlags, credentialOf } from './credential-option.ts'
import type { PackageFacts } from './define.ts'
import { wholeKey } from './filter-options.ts'
import { addStoreOption, type OpenCache, type StoreFlags, withStore } from './open-cache.ts'
import { print, printJson, tell } from './output.ts'

const EXAMPLES = `
The answer is shown if it can be opened: with LLM_CACHE_ENCRYPTION_KEY, or with the API key that paid for it. For that key,
name the variable that has it: the key itself never appears on the command line.

Examples:
  undici-llm-cache show 3f9a1c --store sqlite:.llm-cache.db
  undici-llm-cache show 3f9a1c --credential-env OPENAI_API_KEY
  undici-llm-cache show 3f9a1c --credential-env OPENAI_API_KEY --body | jq .choices
`

type Flags = StoreFlags & CredentialFlags & { readonly json?: true; readonly body?: true }

/** `show KEY`: the metadata of one entry, and its answer if it can be unsealed. */
export function defineShow(command: Command, facts: PackageFacts): void {
  addCredentialOption(addStoreOption(command), 'the variable that holds the API key, or header lines')
    .argument('<key>', 'x-llm-cache-key, or enough of its beginning')
    .option('--body', 'the answer alone, byte for byte')
    .option('--json', 'all of it as JSON')
    .addHelpText('after', EXAMPLES)
    .action((beginning: string, flags: Flags) => {
      const credential = credentialOf(command, flags)
      return withStore({ command, flags, facts }, (open) => show(open, beginning, credential, flags))
    })
}

async function show(open: OpenCache, beginning: string, credential: string | undefined, flags: Flags): Promise<void> {
  const { store, encryptionKey } = open
  const key = await wholeKey(store, beginning)
  const info = await firstOf(store.entries({ key }))
  const record = await firstOf(store.records?.({ key }) ?? [])
  if (info === undefined || record === undefined) throw new Error(`there is no entry ${key}`)
  const secrets = credential === undefined ? [] : secretsOf(credential)
  const opened = openRecord(record, { secrets, key: encryptionKey })
  const given = { variable: flags.credentialEnv, encryptionKey }
  if (flags.body) return printBody(opened, given)
  if (flags.json) return printJson({ ...info, ...answerOf(opened) })
  for (const line of describe(info)) print(line)
  print('')
  showAnswer(opened, given)
}

async function firstOf<T>(items: Iterable<T> | AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item
  return undefined
}

const WIDTH = 12

function describe(info: EntryInfo): string[] {
  const { provider, model = '', endpoint, namespace, tags, stream, size, storedAt, expiresAt, hits, usage } = info
  const now = Date.now()
  const tokens = usage && `${showCount(usage.inputTokens)} in, ${showCount(usage.outputTokens)} out`
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['key', info.key],
    ['provider', provider],
    ['model', model],
    ['endpoint', endpoint],
    ['form', stream ? 'stream' : 'whole'],
    ['size', showBytes(size)],
    ['stored', `${new Date(storedAt).toISOString()}, ${showAge(storedAt, now)} ago`],
    ['expires', `${new Date(expiresAt).toISOString()}, ${timeLeft(info, now)}`],
    ['hits', showCount(hits)],
    ['tokens', tokens],
    ['namespace', namespace],
    ['tags', tags.join(', ')],
  ]
  return rows.flatMap(([name, value]) => (value ? [`${name.padEnd(WIDTH)}${showPlain(value)}`] : []))
}

function timeLeft(entry: EntryInfo, now: number): string {
  if (isFromFuture(entry, now)) return 'counts as missing: it was stored while a clock was ahead'
  const left = showSpan(Math.abs(entry.expiresAt - now) / 1000)
  return entry.expiresAt > now ? `${left} left` : `stale for ${left}`
}

function answerOf(opened: OpenedRecord): object {
  if (opened.is !== 'open') return { answer: opened.is }
  const { sealed, entry } = opened
  return { answer: 'open', sealed, status: entry.status, headers: pairs(entry.headers), body: textOf(entry) }
}

/** The keys that were available for opening the answer. */
interface Given {
  /** Name of the variable with an API key. */
  readonly variable: string | undefined
  readonly encryptionKey: string | undefined
}

function showAnswer(opened: OpenedRecord, given: Given): void {
  if (opened.is === 'damaged') throw new Error('the answer is damaged')
  if (opened.is === 'locked') return tell(`The answer is sealed ${hint(opened.sealed, given)}.`)
  const { entry } = opened
  for (const [name, value] of pairs(entry.headers)) print(`${showPlain(name)}: ${showPlain(value)}`)
  print('')
  print(textOf(entry))
}

function hint(sealed: string | undefined, { variable, encryptionKey }: Given): string {
  if (sealed === 'key') {
    if (encryptionKey !== undefined) return 'under another key than that of LLM_CACHE_ENCRYPTION_KEY'
    return 'under a key of the app: set LLM_CACHE_ENCRYPTION_KEY'
  }
  if (sealed === 'credential') {
    if (variable !== undefined) return `under another API key than that of ${variable}`
    return 'under the API key that paid for it: --credential-env NAME'
  }
  return 'by a later version of this package'
}

function printBody(opened: OpenedRecord, given: Given): void {
  if (opened.is === 'damaged') throw new Error('the answer is damaged')
  if (opened.is === 'locked') throw new Error(`the answer is sealed ${hint(opened.sealed, given)}`)
  process.stdout.write(decoded(opened.entry))
}

function pairs(headers: readonly string[]): [string, string][] {
  return Array.from({ length: headers.length / 2 }, (_, i) => [headers[2 * i] ?? '', headers[2 * i + 1] ?? ''])
}

/** Most bytes of a decoded answer; far above any `maxEntrySize`. */
const ANY_SIZE = 1024 ** 3

function decoded(entry: Entry): Uint8Array {
  return plain(entry, ANY_SIZE).body
}

function textOf(entry: Entry): string {
  return Buffer.from(decoded(entry)).toString()
}
