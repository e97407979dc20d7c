import { writeStderr } from '../base/stderr.ts'
import { OpenCassette, openSession } from './cassette.ts'
import type { CassetteOptions } from './options.ts'
import { save } from './save.ts'

/** Milliseconds between an answer and the save that it waits for. */
const DELAY = 1_000

/**
 * Uses a cassette for a whole process. It is saved a second after an answer, since a server may be ended by a signal,
 * and when the process ends.
 */
export function insertCassette(path: string, options: CassetteOptions): void {
  const session = openSession(path, options)
  const cassette = new OpenCassette(session)
  cassette.install()
  let timer: NodeJS.Timeout | undefined
  session.log.onIdle = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      // Equal calls are saved in the order in which they were made: all answers must be there.
      if (session.log.isIdle) attempt(() => save(session, 'so far'))
    }, DELAY).unref()
  }
  process.once('exit', () => {
    // Many processes of a command make no call (a shell, a test runner): they must not report all entries as unused.
    if (session.hasCalls) attempt(() => cassette.closeNow((_code, message) => tell(message)))
  })
}

/** An error is reported; the app does not fail. */
function attempt(act: () => void): void {
  try {
    act()
  } catch (error) {
    tell(error instanceof Error ? error.message : 'the cassette could not be saved')
  }
}

function tell(message: string): void {
  writeStderr(`undici-llm-cache: ${message}`)
}
