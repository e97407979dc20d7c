import type { Dispatcher } from 'undici'
import { asError } from '../base/errors.ts'
import { attempt, type Handler } from '../undici/dispatch.ts'
import { type Head, readHead, toHeaderRecord, toRawHeaders, withHeaders, withoutFields } from '../undici/head.ts'
import type { VectorAnswer } from './vector-answer.ts'
import { readCoded } from './item-entries.ts'

type Controller = Dispatcher.DispatchController
type Start = Parameters<Handler['onResponseStart']>

/** What a partial call's answer must have, and what is made of it. */
export interface PartialPlan {
  /** Number of vectors. */
  readonly count: number
  /** Most bytes that are read, on the wire and decoded. */
  readonly maxSize: number
  /** The whole answer; `undefined` in case of doubt. */
  readonly complete: (answer: VectorAnswer) => Uint8Array | undefined
}

/**
 * Whether the caller's own call would have got this status as well, since it does not depend on the body. Any other
 * status may be about the texts, and its message about their number or position.
 */
function isUniversal(status: number): boolean {
  return status === 401 || status === 402 || status === 408 || status === 429 || status >= 500
}

/** Headers about an answer's bytes. */
const ABOUT_BYTES =
  /^(?:content-(?:length|encoding|md5|digest)|transfer-encoding|trailer|etag|digest|repr-digest|signature(?:-input)?)$/

/**
 * Collects the answer to a partial call, and gives the whole answer to the handler of the caller's call. A failure that
 * the caller's own call would have met is passed on. For any other failure, and in case of doubt, `own` makes that
 * call.
 */
export class PartialHandler implements Handler {
  readonly #whole: Dispatcher.DispatchHandler
  readonly #plan: PartialPlan
  readonly #own: () => unknown
  #controller = new PartController()
  /** `failed`: the caller's own call is made as soon as this one is over. */
  #state: 'collecting' | 'passing' | 'failed' | 'over' = 'collecting'
  #head: Head | undefined
  #chunks: Buffer[] = []
  #size = 0

  constructor(whole: Dispatcher.DispatchHandler, plan: PartialPlan, own: () => unknown) {
    this.#whole = whole
    this.#plan = plan
    this.#own = own
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#controller = new PartController(controller)
    this.#whole.onRequestStart?.(this.#controller, context)
  }

  onRequestUpgrade(...upgrade: Parameters<Handler['onRequestUpgrade']>): void {
    this.#whole.onRequestUpgrade?.(...upgrade)
  }

  onResponseStart(...[controller, status, headers, statusText]: Start): void {
    if (status >= 200 && isUniversal(status)) {
      this.#state = 'passing'
      // From here on the caller controls the pace.
      this.#whole.onRequestStart?.(controller, {})
    }
    if (status < 200 || this.#state === 'passing') {
      return this.#whole.onResponseStart?.(controller, status, headers, statusText)
    }
    this.#head = readHead(controller, status, headers, statusText)
    this.#chunks = []
    this.#size = 0
    if (status !== 200) this.#state = 'failed'
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#state === 'passing') return this.#whole.onResponseData?.(controller, chunk)
    this.#size += chunk.length
    if (this.#size > this.#plan.maxSize) {
      this.#state = 'failed'
      controller.abort(new Error('An embeddings answer is larger than `maxEntrySize`'))
    } else if (this.#state === 'collecting') this.#chunks.push(Buffer.from(chunk))
  }

  onResponseEnd(...[controller, trailers]: Parameters<Handler['onResponseEnd']>): void {
    if (this.#state === 'passing') return this.#whole.onResponseEnd?.(controller, trailers)
    const body = this.#state === 'collecting' ? this.#complete() : undefined
    if (body === undefined || this.#head === undefined) this.#callOwn()
    else this.#deliver(this.#head, body)
  }

  onResponseError(controller: Controller, error: Error): void {
    if (this.#state === 'over') return
    if (this.#state === 'failed' && !this.#controller.aborted) return this.#callOwn()
    const head = this.#state === 'collecting' && !this.#controller.aborted ? this.#head : undefined
    this.#state = 'over'
    if (head === undefined) return this.#whole.onResponseError?.(controller, error)
    // The caller's own call would also have failed after the head, and SDKs treat that differently from a failure
    // before it.
    this.#start(head, [])
    this.#whole.onResponseError?.(controller, error)
  }

  // Ignored: the body that was sent is not the caller's.
  onBodySent(): void {}

  onRequestSent(): void {
    this.#whole.onRequestSent?.()
  }

  onResponseStarted(): void {
    this.#whole.onResponseStarted?.()
  }

  #complete(): Uint8Array | undefined {
    const { count, maxSize, complete } = this.#plan
    try {
      const answer = readCoded(Buffer.concat(this.#chunks), this.#head?.headers ?? [], count, maxSize)
      return answer && complete(answer)
    } catch {
      return undefined // not needed by the caller's own call
    }
  }

  #start(head: Head, more: readonly string[]): void {
    const { status, statusText, headers, rawHeaders } = withHeaders(head, (flat) => [
      ...withoutFields(flat, (name) => ABOUT_BYTES.test(name)),
      ...more,
    ])
    this.#controller.rawHeaders = toRawHeaders(rawHeaders ?? headers)
    this.#whole.onResponseStart?.(this.#controller, status, toHeaderRecord(headers), statusText)
  }

  #deliver(head: Head, body: Uint8Array): void {
    this.#state = 'over'
    this.#start(head, ['content-length', String(body.length)])
    this.#whole.onResponseData?.(this.#controller, Buffer.from(body.buffer, body.byteOffset, body.byteLength))
    this.#whole.onResponseEnd?.(this.#controller, {})
  }

  #callOwn(): void {
    this.#state = 'over'
    this.#chunks = []
    attempt(this.#own, (error) => this.#whole.onResponseError?.(this.#controller, asError(error)))
  }
}

/** The controller for the caller's handler. It can abort; pausing has no effect, since the answer comes all at once. */
class PartController implements Controller {
  rawHeaders: Buffer[] | null = null
  rawTrailers: Buffer[] | null = null
  paused = false
  aborted = false
  reason: Error | null = null
  readonly #upstream: Controller | undefined

  constructor(upstream?: Controller) {
    this.#upstream = upstream
  }

  readonly pause = (): void => {
    this.paused = true
  }

  readonly resume = (): void => {
    this.paused = false
  }

  readonly abort = (reason: Error): void => {
    this.aborted = true
    this.reason = reason
    this.#upstream?.abort(reason)
  }
}
