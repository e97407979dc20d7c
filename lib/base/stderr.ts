import { writeSync } from 'node:fs'

const STDERR = 2

/**
 * Writes one line to stderr at once, also from a worker thread or when the process ends. If it can't be written it is
 * lost: if the reader of stderr has gone, `process.stderr` and `console` would end the app (EPIPE).
 */
export function writeStderr(line: string): void {
  try {
    writeSync(STDERR, `${line}\n`)
  } catch {
    // closed, or full and not waited for
  }
}
