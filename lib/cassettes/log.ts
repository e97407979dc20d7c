import type { CassetteEntry } from './entry.ts'
import { shortKey } from './keys.ts'
import type { Outcome, RecordedAnswer, Recorder } from './recorder.ts'
import type { RedactedCall, Redaction } from './redaction.ts'

/** Which answers are kept. */
export type RecordPolicy = 'success' | 'all'

/** One call of this session that was sent to its provider. */
export interface LoggedCall {
  readonly call: RedactedCall
  /** 64 hex digits. */
  readonly key: string
  outcome: Outcome | 'pending'
  /** The entry, without its place in the file. */
  entry: CassetteEntry | undefined
}

/** Milliseconds that `close` waits for answers whose callers have left. */
const PATIENCE = 5_000

/** What a session records, in the order of the calls. */
export class RecordingLog {
  readonly #calls: LoggedCall[] = []
  readonly #pending = new Map<LoggedCall, Recorder>()
  readonly #redaction: Redaction
  /** Called whenever no answer is pending. */
  onIdle: (() => void) | undefined
  /** The error that the app's `redact` threw for an answer. */
  error: unknown

  constructor(redaction: Redaction) {
    this.#redaction = redaction
  }

  /** Notes a call before it is sent. */
  begin(call: RedactedCall, key: string): LoggedCall {
    const logged: LoggedCall = { call, key, outcome: 'pending', entry: undefined }
    this.#calls.push(logged)
    return logged
  }

  /** Keeps the recorder of a call until the answer has ended. */
  follow(logged: LoggedCall, recorder: Recorder): void {
    this.#pending.set(logged, recorder)
  }

  /** Records the result of a call. */
  end(logged: LoggedCall, { outcome, response }: RecordedAnswer): void {
    this.#pending.delete(logged)
    logged.outcome = outcome
    try {
      if (response !== undefined) logged.entry = this.#entryOf(logged, response)
    } catch (error) {
      this.error ??= error
      logged.outcome = 'broken'
    }
    if (this.isIdle) this.onIdle?.()
  }

  #entryOf({ call, key }: LoggedCall, response: CassetteEntry['response']): CassetteEntry {
    const { method, url, request } = call
    const recordedAt = new Date().toISOString()
    const entry: CassetteEntry = { method, url, key: shortKey(key), ordinal: 0, recordedAt, request, response }
    // Only the answer is taken from the redacted entry: the call must stay as it was matched.
    return { ...entry, response: this.#redaction.response(call, entry) }
  }

  /** Whether no answer is pending. */
  get isIdle(): boolean {
    return this.#pending.size === 0
  }

  /** Waits for pending answers, whether or not they are read, and aborts those that take too long. */
  async settle(): Promise<void> {
    if (this.isIdle) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.onIdle = resolve
    for (const recorder of this.#pending.values()) recorder.hurry()
    const timer = setTimeout(() => this.stop(), PATIENCE)
    await promise
    clearTimeout(timer)
  }

  /** Aborts all pending calls. */
  stop(): void {
    for (const recorder of this.#pending.values()) recorder.stop()
  }

  /**
   * The calls to save, in order. For `'success'`: successful answers, and failures after which the same call succeeded.
   */
  kept(policy: RecordPolicy): LoggedCall[] {
    const succeeded = new Set<string>()
    const kept = this.#calls.toReversed().filter(({ key, outcome, entry }) => {
      if (entry === undefined) return false
      if (outcome === 'success') succeeded.add(key)
      return policy === 'all' || outcome === 'success' || (outcome === 'retryable' && succeeded.has(key))
    })
    return kept.toReversed()
  }

  /** The calls that are not saved. */
  dropped(policy: RecordPolicy): LoggedCall[] {
    const kept = new Set(this.kept(policy))
    return this.#calls.filter((call) => !kept.has(call))
  }

  /** Forgets all calls. */
  clear(): void {
    this.#calls.length = 0
  }
}
