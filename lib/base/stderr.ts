import { writeSync } from 'node:fs'

const STDERR = 2

/**
 * Writes one line to stderr at once, also from a worker thread or at the end of the process. A line that can not be
 * written is lost: where whoever reads stderr has left, `process.stderr` and `console` would end the app (EPIPE).
 */
export function writeStderr(line: string): void {
  try {
    writeSync(STDERR, `${line}\n`)
  } catch {
    // closed, or full and not to be waited for
  }
}
