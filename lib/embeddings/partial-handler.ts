import type { Dispatcher } from 'undici'
import { asError } from '../replay/caller.ts'
import { flattenHeaders, type Head, toHeaderRecord, toRawHeaders } from '../undici/head.ts'
import type { VectorAnswer } from './vector-answer.ts'
import { readCoded } from './item-entries.ts'

type Handler = Dispatcher.DispatchHandler
type Controller = Dispatcher.DispatchController
type Start = Parameters<NonNullable<Handler['onResponseStart']>>
type End = Parameters<NonNullable<Handler['onResponseEnd']>>

/** What is expected of the answer to a partial call, and what is made of it. */
export interface PartialPlan {
  /** How many vectors it has. */
  readonly count: number
  /** Bytes of it that are looked at, on the wire and decoded. */
  readonly maxSize: number
  /** The whole answer, or `undefined` on any doubt. */
  readonly complete: (answer: VectorAnswer) => Uint8Array | undefined
}

/**
 * The caller's own call would have got these as well: they don't depend on what is asked. Any other status may be about
 * the texts, and its message about their number or place.
 */
function isUniversal(status: number): boolean {
  return status === 401 || status === 402 || status === 408 || status === 429 || status >= 500
}

/** Headers that say something of an answer's bytes. */
const ABOUT_BYTES =
  /^(?:content-(?:length|encoding|md5|digest)|transfer-encoding|trailer|etag|digest|repr-digest|signature(?:-input)?)$/i

/**
 * Collects the answer to a partial call, and gives the whole one to the handler of the caller's call. A failure that
 * the caller's own call would have met is passed on as it comes. On any other, and on any doubt, `own` makes that call.
 */
export class PartialHandler implements Handler {
  readonly #whole: Handler
  readonly #plan: PartialPlan
  readonly #own: () => boolean
  #controller = new PartController()
  /** `failed`: the caller's own call is made as soon as this one is over. */
  #state: 'collecting' | 'passing' | 'failed' | 'over' = 'collecting'
  #head: Head | undefined
  #chunks: Buffer[] = []
  #size = 0

  constructor(whole: Handler, plan: PartialPlan, own: () => boolean) {
    this.#whole = whole
    this.#plan = plan
    this.#own = own
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#controller = new PartController(controller)
    this.#whole.onRequestStart?.(this.#controller, context)
  }

  onResponseStart(...[controller, status, headers, statusText = '']: Start): void {
    if (status >= 200 && isUniversal(status)) {
      this.#state = 'passing'
      // From here on the caller sets the pace.
      this.#whole.onRequestStart?.(controller, {})
    }
    if (status < 200 || this.#state === 'passing') {
      return this.#whole.onResponseStart?.(controller, status, headers, statusText)
    }
    this.#head = { status, statusText, headers: flattenHeaders(controller.rawHeaders, headers) }
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

  onResponseEnd(...[controller, trailers]: End): void {
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
    // The caller's own call would have broken off after the head, too, and SDKs tell that from a failure before it.
    // fetch misses an error that comes in the same turn as the head.
    this.#start(head, [])
    setImmediate(() => this.#whole.onResponseError?.(controller, error))
  }

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
      return undefined // the caller's own call has no need of it
    }
  }

  #start({ status, statusText, headers }: Head, more: readonly string[]): void {
    const kept = headers.filter((_, at) => !ABOUT_BYTES.test(headers[at - (at % 2)] ?? ''))
    const flat = [...kept, ...more]
    this.#controller.rawHeaders = toRawHeaders(flat)
    this.#whole.onResponseStart?.(this.#controller, status, toHeaderRecord(flat), statusText)
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
    try {
      this.#own()
    } catch (error) {
      this.#whole.onResponseError?.(this.#controller, asError(error))
    }
  }
}

/** What the caller's handler steers. It can leave; pausing has no effect on an answer that comes all at once. */
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

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  abort(reason: Error): void {
    this.aborted = true
    this.reason = reason
    this.#upstream?.abort(reason)
  }
}
