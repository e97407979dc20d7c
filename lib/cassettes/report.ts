import { nameOf } from './entry.ts'
import type { LoggedCall } from './log.ts'
import type { Session } from './session.ts'

/** Gives out one warning: its code and its text. */
export type Tell = (code: string, message: string) => void

/** Reports entries that no call used, and calls of which nothing was saved. */
export function report(session: Session, tell: Tell = warn): void {
  const { log, name, options, sequences } = session
  const unused = options.prune ? [] : sequences.unused()
  if (unused.length > 0) {
    const remedy = '`prune: true` (LLM_CACHE_CASSETTE_PRUNE=1) removes them'
    tell('LLM_CACHE_CASSETTE_UNUSED', `${name}: no call used ${listed(unused.map(nameOf))}; ${remedy}`)
  }
  const dropped = log.dropped(options.record)
  if (dropped.length > 0) {
    tell('LLM_CACHE_CASSETTE_DROPPED', `${name}: not recorded: ${listed(dropped.map(reasonOf))}`)
  }
}

function warn(code: string, message: string): void {
  process.emitWarning(message, { type: 'LlmCacheWarning', code })
}

function reasonOf({ call, outcome, entry }: LoggedCall): string {
  const name = `${call.method} ${call.url}`
  if (outcome === 'broken' || outcome === 'pending' || entry === undefined) return `${name} (no whole answer came)`
  return `${name} (status ${entry.response.status}; record: 'all' keeps failures)`
}

/** How many entries or calls a warning names. */
const SHOWN = 5

function listed(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ')
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown
}
