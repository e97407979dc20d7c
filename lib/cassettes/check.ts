import { ageOf, nameOf } from './entry.ts'
import type { CassetteText, EntryLine } from './file-format.ts'
import { findSecrets } from './secrets.ts'

/** Something about a cassette that should not be committed. */
export interface CassetteProblem {
  /** Line of the file, from 1 on. */
  readonly line: number
  readonly text: string
}

/** Options of {@link checkCassette}. */
export interface CheckOptions {
  /** Seconds; `Infinity` if no entry is too old. */
  readonly maxAge: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Searches a cassette for secrets, entries that are too old and lines that can't be read. */
export function checkCassette({ lines }: CassetteText, options: CheckOptions): CassetteProblem[] {
  // The header is line 1.
  return lines.flatMap((line, at) => checkLine(line, options).map((text) => ({ line: at + 2, text })))
}

function checkLine(line: EntryLine, { maxAge, now }: CheckOptions): string[] {
  const problems: string[] = []
  try {
    const entry = line.read()
    for (const { path, kind } of findSecrets(entry, [])) problems.push(`${path} looks like ${kind}`)
    const age = ageOf(entry, now)
    if (!(age <= maxAge)) problems.push(`${nameOf(entry)} is ${age} s old`)
  } catch (error) {
    problems.push(error instanceof Error ? error.message : 'it can not be read')
  }
  return problems
}
