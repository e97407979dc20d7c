import { createRequire } from 'node:module'
import { LlmCacheError } from '../base/errors.ts'
import type { CassetteEntry } from './entry.ts'
import { changeFile } from './file.ts'
import { EntryLine, newHeader, readCassetteText, writeCassetteText } from './file-format.ts'
import type { LoggedCall } from './log.ts'
import type { RedactedCall } from './redaction.ts'
import { findSecrets, type Forbidden } from './secrets.ts'
import type { Session } from './session.ts'

/** The changes of one save. */
interface Changes {
  /** New entries, with their ordinals. */
  readonly added: readonly CassetteEntry[]
  /** Lines to remove. */
  readonly removed: ReadonlySet<string>
  /** Lines whose key changes: the new line, by the text of the old one. */
  readonly renamed: ReadonlyMap<string, EntryLine>
}

/**
 * Saves what a session recorded, if anything, and removes what is to be pruned. Changes that other processes have saved
 * in the meantime are kept.
 *
 * @param extent `'so far'`: more saves will follow; nothing is pruned and no secret reported yet.
 * @throws LlmCacheError `ERR_LLM_CACHE_SECRET` naming the answers that seem to contain a secret: these are not saved,
 * all others are.
 */
export function save(session: Session, extent: 'all' | 'so far' = 'all'): void {
  const { options, log, sequences } = session
  const { clean, refused } = withoutRefused(session, log.kept(options.record))
  const pruned = options.prune && extent === 'all' ? sequences.unused() : []
  const changes = changesOf(session, clean, new Set(pruned.map(({ text }) => text)))
  if (changes.added.length > 0 || changes.removed.size > 0) {
    changeFile(session.path, (text) => changed(text ?? '', session.path, changes))
  }
  if (refused.length > 0 && extent === 'all') throw secretsError(session.name, refused)
}

interface Refused {
  readonly entry: CassetteEntry
  readonly where: string
}

function withoutRefused(
  session: Session,
  kept: readonly LoggedCall[],
): { readonly clean: readonly LoggedCall[]; readonly refused: readonly Refused[] } {
  const refused: Refused[] = []
  const clean = kept.filter(({ entry, call }) => {
    const [found] = entry === undefined ? [] : findSecrets(entry, forbiddenFor(call, session))
    if (entry !== undefined && found !== undefined) refused.push({ entry, where: `${found.path} (${found.kind})` })
    return found === undefined
  })
  return { clean, refused }
}

/** Characters. A shorter credential is a dummy (`test`), which may be in an answer by chance. */
const MIN_CREDENTIAL = 16

function forbiddenFor({ removed }: RedactedCall, { credentials }: Session): Forbidden[] {
  const own = Array.from(credentials).filter((text) => text.length >= MIN_CREDENTIAL)
  return [
    ...own.map((text) => ({ text, kind: "the call's own credential" })),
    // Redaction replaces them in texts, but can't do so in bytes (Bedrock's streams).
    ...Array.from(removed, (text) => ({ text, kind: 'what redactFields took out of the call', onlyInBytes: true })),
  ]
}

function secretsError(name: string, refused: readonly Refused[]): LlmCacheError {
  const places = refused.map(({ entry, where }) => `${entry.method} ${entry.url}: ${where}`)
  const what = `Not saved in ${name}, because of what looks like a secret:\n  ${places.join('\n  ')}`
  return new LlmCacheError('ERR_LLM_CACHE_SECRET', `${what}\nThe options redact and redactFields take it out.`)
}

function changesOf(session: Session, kept: readonly LoggedCall[], pruned: ReadonlySet<string>): Changes {
  const { options, sequences } = session
  const removed = new Set(pruned)
  const next = new Map<string, number>()
  const added: CassetteEntry[] = []
  for (const { key, entry } of kept) {
    if (entry === undefined) continue
    const { fresh, expired } = sequences.of(key)
    for (const { text } of options.mode === 'all' ? [...fresh, ...expired] : expired) removed.add(text)
    const ordinal = next.get(key) ?? (options.mode === 'all' ? 0 : fresh.length)
    next.set(key, ordinal + 1)
    added.push({ ...entry, ordinal })
  }
  return { added, removed, renamed: sequences.renamed }
}

function changed(text: string, path: string, { added, removed, renamed }: Changes): string {
  const { header, lines } = readCassetteText(text, path)
  const kept = lines.filter((line) => !removed.has(line.text)).map((line) => renamed.get(line.text) ?? line)
  const taken = new Set(kept.map(({ key, ordinal }) => `${key} ${ordinal}`))
  // If two processes recorded the same call, the first one's answer stays.
  const fresh = added.filter(({ key, ordinal }) => !taken.has(`${key} ${ordinal}`)).map((entry) => EntryLine.of(entry))
  return writeCassetteText(header ?? newHeader(new Date().toISOString(), version()), [...kept, ...fresh])
}

function version(): string {
  try {
    // Resolved by name: the path differs between lib and dist.
    const manifest: { version: string } = createRequire(import.meta.url)('undici-llm-cache/package.json')
    return manifest.version
  } catch {
    return '(bundled)' // bundled by the app's own tools, without a manifest
  }
}
