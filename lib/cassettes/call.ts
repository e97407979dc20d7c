import type { Dispatcher } from 'undici'
import { DIALECTS } from '../controls/dialects/dialect.ts'
import type { Match } from '../providers/provider.ts'
import { Caller } from '../replay/caller.ts'
import { PassThrough } from '../replay/pass-through.ts'
import { StoredRecording } from '../replay/recording.ts'
import { Replay, speedOf } from '../replay/replay.ts'
import { readBody } from '../request/body.ts'
import type { RequestHeaders } from '../request/headers.ts'
import { upstreamOptions } from '../request/upstream.ts'
import { type Dispatch, dispatchTo } from '../undici/dispatch.ts'
import { type LegacyHandler, modernHandler } from '../undici/legacy-handlers.ts'
import type { CassetteEntry } from './entry.ts'
import { answerMiss } from './miss.ts'
import { Recorder } from './recorder.ts'
import { playable } from './response.ts'
import type { PreparedCall, Session } from './session.ts'

type Options = Dispatcher.DispatchOptions

/** Bytes. A larger request is neither recorded nor replayed: nobody could read it in the file. */
const MAX_REQUEST = 64 * 1024 * 1024

/** One call that belongs to a cassette: read → redact → match → replay, record or miss. */
export class CassetteCall {
  readonly #session: Session
  readonly #dispatch: Dispatch
  readonly #opts: Options
  readonly #match: Match
  readonly #caller: Caller
  readonly #headers: RequestHeaders

  constructor(
    session: Session,
    dispatch: Dispatch,
    opts: Options,
    handler: Dispatcher.DispatchHandler | LegacyHandler,
    match: Match,
  ) {
    this.#session = session
    this.#dispatch = dispatch
    this.#opts = opts
    this.#match = match
    this.#caller = new Caller(modernHandler(handler))
    this.#headers = session.keys.headers(opts.headers, match)
  }

  run(): void {
    this.#caller.start()
    if (this.#caller.done) return
    // An error of the cassette fails the call: passed on, it would be a live call that the test did not expect.
    this.#answer().catch((error: unknown) =>
      this.#miss(`The cassette ${this.#session.name} failed: ${describe(error)}.`),
    )
  }

  /** Fails the call without reading it. */
  refuse(message: string): void {
    this.#caller.start()
    this.#miss(message)
  }

  async #answer(): Promise<void> {
    const isTyped = this.#headers.get('content-type') !== undefined
    const read = await readBody(this.#opts.body, MAX_REQUEST, this.#caller, isTyped)
    switch (read.kind) {
      case 'aborted':
        return
      case 'passed':
        return this.#passOn(read.body)
      case 'whole':
        return this.#decide(read.body, isTyped ? undefined : read.type)
      default:
        return read satisfies never
    }
  }

  /**
   * Passes on a call whose body can't be read whole, and so can't be matched. It fails in a session that only replays.
   */
  #passOn(body: unknown): void {
    const { name, isReplayOnly } = this.#session
    if (isReplayOnly) return this.#miss(`The cassette ${name} can't match a call whose body can't be read whole.`)
    dispatchTo(this.#dispatch, this.#upstream(body, undefined), new PassThrough(this.#caller, (head) => head))
  }

  async #decide(body: string | Uint8Array, type: string | undefined): Promise<void> {
    const { method } = this.#opts
    // A `FormData` body has a content type of its own.
    const headers = type === undefined ? this.#headers : this.#headersWith(type)
    const call = { match: this.#match, method, headers }
    const sent = await this.#session.keys.sent(call, body)
    const prepared = await this.#session.prepare(call, sent)
    const decision = await this.#session.decide(prepared)
    // The caller may have left in the meantime.
    if (this.#caller.done) return
    switch (decision.kind) {
      case 'replay':
        return this.#replay(decision.entry)
      case 'record':
        return this.#record(prepared, this.#upstream(sent, type))
      case 'miss':
        return this.#miss(decision.message)
      default:
        decision satisfies never
    }
  }

  #headersWith(type: string): RequestHeaders {
    return this.#session.keys.headers(this.#upstream(this.#opts.body, type).headers, this.#match)
  }

  /** The call as sent to the provider: without this package's own headers, and with the body that was read. */
  #upstream(body: unknown, contentType: string | undefined): Options {
    return upstreamOptions(this.#opts, {
      provider: this.#match.provider.id,
      dialects: DIALECTS,
      hasControls: this.#headers.controls.length > 0,
      body,
      isRebuilt: body !== this.#opts.body,
      contentType,
    })
  }

  #replay(entry: CassetteEntry): void {
    const { replay } = this.#session.options
    const answer = playable(entry.response, replay === 'instant')
    const recording = new StoredRecording(answer, answer.head)
    new Replay(this.#caller, recording, { decorate: (head) => head, speed: speedOf(replay) }).pump()
  }

  #record(prepared: PreparedCall, opts: Options): void {
    const { log } = this.#session
    const logged = log.begin(prepared.call, prepared.key)
    const recorder = new Recorder({
      caller: this.#caller,
      match: this.#match,
      isStream: prepared.isStream,
      onEnd: (answer) => log.end(logged, answer),
    })
    log.follow(logged, recorder)
    dispatchTo(this.#dispatch, opts, recorder)
  }

  #miss(message: string): void {
    if (!this.#caller.done) answerMiss(this.#caller, this.#match.endpoint.format, message)
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'something that is no Error was thrown'
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}
