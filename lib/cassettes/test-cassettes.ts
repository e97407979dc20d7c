import { AsyncLocalStorage } from 'node:async_hooks'
import { type Cassette, OpenCassette, openSession } from './cassette.ts'
import { installCassette } from './install.ts'
import { createCassetteInterceptor } from './interceptor.ts'
import type { CassetteOptions } from './options.ts'
import { Session } from './session.ts'

const STRAY =
  'This call belongs to no test: several are running, and it was made outside of the async context of each. Make it inside ' +
  'its test (not from a queue or an emitter that another test set up), or run the tests one after the other.'

/**
 * The cassettes of tests that run concurrently in one process. While any is open, one interceptor is installed on the
 * global dispatchers. It finds the test of a call by the async context.
 */
export class TestCassettes {
  readonly #context = new AsyncLocalStorage<Session>()
  readonly #open = new Set<Session>()
  readonly #interceptor = createCassetteInterceptor(() => this.#current())
  #uninstall: (() => void) | undefined

  /**
   * Opens the cassette of one test, already installed. Its `close()` must be awaited.
   *
   * @param remedy the advice in the message of a miss.
   */
  open(path: string, options: CassetteOptions, remedy: string): Cassette {
    const session = openSession(path, options)
    session.remedy = remedy
    this.#open.add(session)
    this.#uninstall ??= installCassette(this.#interceptor, session.scope)
    return new TestCassette(session, () => this.#closed(session))
  }

  /** Runs a test: its calls go to its cassette. */
  run<Result>(cassette: Cassette, test: () => Result): Result {
    return cassette instanceof TestCassette ? this.#context.run(cassette.session, test) : test()
  }

  #current(): Session | undefined {
    const own = this.#context.getStore()
    if (own !== undefined || this.#open.size === 0) return own
    const [only, other] = this.#open
    return other === undefined ? only : strayOf(other)
  }

  #closed(session: Session): void {
    this.#open.delete(session)
    if (this.#open.size > 0) return
    this.#uninstall?.()
    this.#uninstall = undefined
  }
}

/** A session that fails every call: the call belongs to no test, and must not be recorded for any. */
function strayOf({ path, options }: Session): Session {
  const stray = new Session(path, { header: undefined, lines: [] }, options)
  stray.refusal = STRAY
  return stray
}

/** The cassette of a test, installed from the start. */
class TestCassette extends OpenCassette {
  readonly #onClosed: () => void

  constructor(session: Session, onClosed: () => void) {
    super(session)
    this.#onClosed = onClosed
  }

  override install(): () => void {
    return () => {}
  }

  override async close(): Promise<void> {
    try {
      await super.close()
    } finally {
      this.#onClosed()
    }
  }
}
