import { writeStderr } from '../base/stderr.ts'
import { OpenCassette, openSession } from './cassette.ts'
import type { CassetteOptions } from './options.ts'
import { save } from './save.ts'
import { isFirstOfRun, leaveUsed, takeUsed } from './shared-use.ts'

/** Milliseconds between an answer and the next save. */
const DELAY = 1_000

/**
 * Uses one cassette for the whole process. It is saved a second after an answer, since a signal may end a server at any
 * time, and when the process ends.
 */
export function insertCassette(path: string, options: CassetteOptions): void {
  const session = openSession(path, options)
  const cassette = new OpenCassette(session)
  const isFirst = options.prune && isFirstOfRun(session)
  cassette.install()
  let timer: NodeJS.Timeout | undefined
  session.log.onIdle = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      // Equal calls are saved in the order in which they were made, so no answer may be pending.
      if (session.log.isIdle) attempt(() => save(session, 'so far'))
    }, DELAY).unref()
  }
  process.once('exit', () => {
    attempt(() => {
      const isShared = isFirst && takeUsed(session)
      // Many processes of a command make no call (a shell, a test runner), and must not report all entries as unused.
      if (!session.hasCalls && !isShared) return
      if (options.prune && !isFirst) leaveUsed(session)
      cassette.closeNow((_code, message) => tell(message))
    })
  })
}

/** Reports an error instead of failing the app. */
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
