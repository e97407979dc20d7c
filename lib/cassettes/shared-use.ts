import fs from 'node:fs'
import { nameOf } from './entry.ts'
import { readIfThere } from './file.ts'
import type { Session } from './session.ts'

// Each process of a run only knows what it has used itself. So child processes leave the names of used entries beside
// the cassette, and the first process, which runs until the end, prunes what nobody has used.

/** Environment variable that tells a process that it was started by another one. */
const BELOW = 'UNDICI_LLM_CACHE_BELOW'

/** Call once at the start. Returns whether this is the first process of a run; the processes that it starts are not. */
export function isFirstOfRun(session: Session): boolean {
  if (process.env[BELOW] !== undefined) return false
  process.env[BELOW] = String(process.pid)
  // Left by a killed run.
  fs.rmSync(placeOf(session), { force: true })
  return true
}

/** For a child process that ends: leaves the names of the entries that it used, and prunes nothing. */
export function leaveUsed({ sequences, ...session }: Pick<Session, 'path' | 'sequences'>): void {
  const names = sequences.used().map(nameOf)
  if (names.length > 0) fs.appendFileSync(placeOf(session), `${names.join('\n')}\n`)
  sequences.use(() => true)
}

/**
 * For the first process when it ends: entries that others used count as used. Returns whether others have left names.
 */
export function takeUsed({ sequences, ...session }: Pick<Session, 'path' | 'sequences'>): boolean {
  const text = readIfThere(placeOf(session))
  if (text === undefined) return false
  fs.rmSync(placeOf(session), { force: true })
  const names = new Set(text.split('\n'))
  sequences.use((line) => names.has(nameOf(line)))
  return true
}

function placeOf({ path }: Pick<Session, 'path'>): string {
  return `${path}.used`
}
