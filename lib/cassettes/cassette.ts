import { resolve } from 'node:path'
import type { Interceptor } from '../undici/dispatch.ts'
import type { EntryName } from './entry.ts'
import { readIfThere } from './file.ts'
import { readCassetteText } from './file-format.ts'
import { installCassette } from './install.ts'
import { createCassetteInterceptor } from './interceptor.ts'
import type { CassetteOptions } from './options.ts'
import { report, type Tell } from './report.ts'
import { save } from './save.ts'
import { Session } from './session.ts'

/** An open cassette. */
export interface Cassette {
  /** For `dispatcher.compose(cassette.interceptor)`. Must be the last one there, so that it is the outermost. */
  readonly interceptor: Interceptor
  /**
   * Composes the cassette onto the global dispatchers of this process, as `cache.install()` does. Returns a function
   * that undoes this.
   *
   * @throws LlmCacheError `ERR_LLM_CACHE_CASSETTE` in a sandbox whose fetch can't be reached: calls would go live.
   */
  install(): () => void
  /** Entries that have answered no call so far. */
  unused(): EntryName[]
  /** Drops everything recorded since the cassette was opened, for a test that failed. */
  discard(): void
  /**
   * Undoes `install`, saves what was recorded, and reports leftovers: a process warning names entries that no call
   * used, and calls of which nothing was saved.
   *
   * @throws LlmCacheError `ERR_LLM_CACHE_SECRET` for an answer that seems to contain a secret.
   */
  close(): Promise<void>
}

/**
 * Opens the cassette at a path. The file need not exist.
 *
 * @throws LlmCacheError `ERR_LLM_CACHE_CASSETTE` naming file and line, if the file is not a cassette.
 */
export function openSession(path: string, options: CassetteOptions): Session {
  const place = resolve(path)
  const text = options.mode === 'off' ? '' : (readIfThere(place) ?? '')
  return new Session(place, readCassetteText(text, path), options)
}

/** An open cassette; a thin layer over its session. */
export class OpenCassette implements Cassette {
  readonly interceptor: Interceptor
  readonly session: Session
  readonly #installs = new Set<() => void>()
  #discarded = false
  #closing: Promise<void> | undefined

  constructor(session: Session) {
    this.session = session
    this.interceptor = createCassetteInterceptor(() => session)
  }

  install(): () => void {
    const remove = installCassette(this.interceptor, this.session.scope)
    const uninstall = (): void => {
      if (this.#installs.delete(uninstall)) remove()
    }
    this.#installs.add(uninstall)
    return uninstall
  }

  unused(): EntryName[] {
    return this.session.sequences.unused().map(({ method, url, key, ordinal }) => ({ method, url, key, ordinal }))
  }

  discard(): void {
    this.#discarded = true
    this.session.log.stop()
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  /**
   * Closes without waiting for answers, for a process that is about to end. Process warnings are no longer printed
   * then, so `tell` gets their text.
   */
  closeNow(tell: Tell): void {
    if (this.#closing !== undefined) return
    this.#closing = Promise.resolve()
    this.#leave()
    this.session.log.stop()
    this.#finish(tell)
  }

  async #close(): Promise<void> {
    this.#leave()
    if (!this.#discarded) await this.session.log.settle()
    this.#finish()
  }

  #leave(): void {
    this.session.closed = true
    for (const uninstall of this.#installs) uninstall()
  }

  #finish(tell?: Tell): void {
    if (this.#discarded) return
    const { log } = this.session
    try {
      save(this.session)
    } finally {
      report(this.session, tell)
    }
    if (log.error !== undefined) throw log.error
  }
}
