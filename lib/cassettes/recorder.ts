import type { Dispatcher } from 'undici'
import { abortError } from '../base/errors.ts'
import type { RefuseOptions } from '../judge/verdict.ts'
import { createJudge, type Judge } from '../judge/judge.ts'
import type { Match } from '../providers/provider.ts'
import type { Caller } from '../replay/caller.ts'
import { LiveRecording } from '../replay/live-recording.ts'
import { PassThrough } from '../replay/pass-through.ts'
import { type Head, headerOf, readHead } from '../undici/head.ts'
import { createDecoder, type Decoder, isEncoded } from '../wire/streamed-decoding.ts'
import type { CassetteResponse } from './entry.ts'
import { recordResponse } from './response.ts'
import { isPlain } from './scope.ts'

type Handler = Required<Dispatcher.DispatchHandler>
type Controller = Dispatcher.DispatchController

/**
 * The result of a recorded call: an answer; a failure that clients retry; a failure that they don't; or no whole answer
 * (the network failed, or the caller left before one began).
 */
export type Outcome = 'success' | 'retryable' | 'failure' | 'broken'

/** The result of a recording. */
export interface RecordedAnswer {
  readonly outcome: Outcome
  /** `undefined` if there is no whole answer. */
  readonly response: CassetteResponse | undefined
}

/** A call whose answer is recorded. */
export interface RecordedCall {
  readonly caller: Caller
  readonly match: Match
  /** Whether it asks for a stream. */
  readonly isStream: boolean
  /** Called once, when the answer has ended. */
  readonly onEnd: (answer: RecordedAnswer) => void
}

/**
 * Passes a live answer on as it arrives, and records it. A caller that leaves before the answer has begun aborts the
 * call. If it leaves later, the rest is still read, so that the recording is whole.
 */
export class Recorder extends PassThrough {
  readonly #call: RecordedCall
  readonly #recording = new LiveRecording()
  #head: Head | undefined
  #decoder: Decoder | undefined
  #judge: Judge | undefined
  /** Whether the end marker has arrived: then the answer is whole, even if the connection fails. */
  #isComplete = false
  #isUnreadable = false
  #isHurried = false
  #isOver = false

  constructor(call: RecordedCall) {
    super(call.caller, (head) => head)
    this.#call = call
  }

  override onLeave(reason: Error): void {
    if (this.#head !== undefined && !this.#isComplete) return this.upstream.resume()
    super.onLeave(reason)
  }

  override onPause(): void {
    if (!this.#isHurried) super.onPause()
  }

  /** Reads the rest of the answer without waiting for the caller to read it. The caller still gets all of it. */
  hurry(): void {
    this.#isHurried = true
    this.upstream.resume()
  }

  /** Ends a call that nobody waits for any more. */
  stop(): void {
    this.upstream.abort(abortError('The cassette was closed'))
    this.#end(false)
  }

  override fail(error: Error): void {
    super.fail(error)
    this.#end(false)
  }

  override onResponseStart(...start: Parameters<Handler['onResponseStart']>): void {
    if (start[1] >= 200) this.#begin(readHead(...start))
    super.onResponseStart(...start)
  }

  override onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#decoder === undefined) this.#record(chunk)
    else this.#decoder.write(chunk)
    // A caller that has left may have paused the answer before.
    if (this.#call.caller.done) this.upstream.resume()
    super.onResponseData(controller, chunk)
  }

  override onResponseEnd(...end: Parameters<Handler['onResponseEnd']>): void {
    this.#end(true)
    super.onResponseEnd(...end)
  }

  override onResponseError(controller: Controller, error: Error): void {
    this.#end(false)
    super.onResponseError(controller, error)
  }

  #begin(head: Head): void {
    this.#head = head
    this.#recording.start(head, performance.now())
    const coding = headerOf(head.headers, 'content-encoding')
    if (isEncoded(coding)) {
      this.#decoder = createDecoder(coding, {
        data: (bytes) => this.#record(Buffer.from(bytes)),
        error: () => (this.#isUnreadable = true),
      })
    }
    if (isPlain(this.#call.match)) return
    this.#judge = createJudge({
      format: this.#call.match.endpoint.format,
      header: (name) => this.#judgedHeader(name),
      refuse: REFUSE_NOTHING,
      maxSize: LARGEST,
      onTurn: ({ store }) => this.#turn(store),
    })
  }

  /** Some servers keep the connection open after the end marker. If the caller has left, the call is aborted here. */
  #turn(isComplete: boolean): void {
    this.#isComplete = isComplete
    if (isComplete && this.#call.caller.done) queueMicrotask(() => this.stop())
  }

  /** The judge sees decoded bytes. */
  #judgedHeader(name: string): string | undefined {
    if (this.#decoder !== undefined && /^content-(encoding|length)$/.test(name)) return undefined
    return headerOf(this.#head?.headers ?? [], name)
  }

  #record(chunk: Buffer): void {
    this.#recording.record(chunk, performance.now())
    this.#judge?.write(chunk)
  }

  #end(isClean: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    const conclude = (): void => this.#call.onEnd(this.#conclude(isClean))
    if (this.#decoder === undefined) conclude()
    else void this.#decoder.finish(isClean).then(conclude)
  }

  #conclude(isClean: boolean): RecordedAnswer {
    const head = this.#head
    const isWhole = (isClean || this.#isComplete) && !this.#isUnreadable
    if (head === undefined || !isWhole) return { outcome: 'broken', response: undefined }
    const shape = { head, isDecoded: this.#decoder !== undefined, isStream: this.#call.isStream }
    return { outcome: this.#outcome(head), response: recordResponse(this.#recording, shape) }
  }

  #outcome({ status, headers }: Head): Outcome {
    const retry = headerOf(headers, 'x-should-retry')
    if (status >= 400) {
      const isRetryable = retry === undefined ? RETRYABLE.has(status) || status >= 500 : retry === 'true'
      return isRetryable ? 'retryable' : 'failure'
    }
    const verdict = this.#judge?.finish(true)
    // Only an error inside a 200 is a failure. A refusal, for example, may be what a test is about.
    const isError = verdict !== undefined && 'store' in verdict && !verdict.store && verdict.reason === 'error'
    return isError ? 'retryable' : 'success'
  }
}

/** Statuses that SDKs retry, besides 5xx: https://github.com/openai/openai-node#retries */
const RETRYABLE: ReadonlySet<number> = new Set([408, 409, 425, 429])

/** A cassette keeps every answer. */
const REFUSE_NOTHING: RefuseOptions = {
  refusal: false,
  contentFilter: false,
  pauseTurn: false,
  empty: false,
  brokenToolCall: false,
  length: false,
}

const LARGEST = 2 ** 31 - 1
