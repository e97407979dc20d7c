import fs from 'node:fs'
import { nameOf } from './entry.ts'
import { readIfThere } from './file.ts'
import type { Session } from './session.ts'

// Each process of a run knows only what it has used itself. So the processes below the first one leave names of entries
// beside the cassette, and the first one, which is there until the end, prunes what nobody has used.

/** Tells a process that it was started below another one, by its environment. */
const BELOW = 'UNDICI_LLM_CACHE_BELOW'

/** Call once at the start. Whether this is the first process of a run; those that it starts are not. */
export function isFirstOfRun(session: Session): boolean {
  if (process.env[BELOW] !== undefined) return false
  process.env[BELOW] = String(process.pid)
  // Of a run that was killed.
  fs.rmSync(placeOf(session), { force: true })
  return true
}

/** At the end of a process below: leaves the names of what it has used, and prunes nothing. */
export function leaveUsed({ sequences, ...session }: Pick<Session, 'path' | 'sequences'>): void {
  const names = sequences.used().map(nameOf)
  if (names.length > 0) fs.appendFileSync(placeOf(session), `${names.join('\n')}\n`)
  sequences.use(() => true)
}

/** At the end of the first process: what others have used counts as used. Whether others have left something. */
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
