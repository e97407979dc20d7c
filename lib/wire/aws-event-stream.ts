import { createRequire } from 'node:module'
import type { EventStreamCodec, Message } from '@smithy/eventstream-codec'
import type { Framing, Sink } from './framing.ts'

/** Bytes that hold a frame's length. */
const PREFIX = 4
/** The shortest frame: two lengths, two checksums, nothing between. */
const MIN_FRAME = 16

const utf8 = new TextDecoder('utf-8', { fatal: true })

let codec: EventStreamCodec | undefined

/** Loads the codec with the first frame: loading takes 30 ms, and most processes never see a frame. */
function loadCodec(): EventStreamCodec {
  // `require` is untyped; the package's own types say what it returns.
  const loaded = createRequire(import.meta.url)(
    '@smithy/eventstream-codec',
  ) as typeof import('@smithy/eventstream-codec')
  return new loaded.EventStreamCodec(
    (input) => (typeof input === 'string' ? input : utf8.decode(input)),
    (input) => Buffer.from(input),
  )
}

/**
 * AWS event stream frames; the codec checks lengths and checksums. A frame of type `exception` or `error` is a failure.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html describes the encoding.
 */
export class EventStreamFraming implements Framing {
  readonly #sink: Sink
  readonly #maxSize: number
  #frame = new Uint8Array(PREFIX)
  #filled = 0

  constructor(sink: Sink, maxSize: number) {
    this.#sink = sink
    this.#maxSize = maxSize
  }

  write(bytes: Uint8Array): void {
    let rest = bytes
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#frame.length - this.#filled)
      this.#frame.set(part, this.#filled)
      this.#filled += part.length
      rest = rest.subarray(part.length)
      if (this.#filled === this.#frame.length && !this.#complete()) return
    }
  }

  end(): void {
    if (this.#filled > 0) this.#sink.fail('incomplete')
  }

  /** Handles the expected bytes: a length, or a frame. Returns `false` if nothing more is to be read. */
  #complete(): boolean {
    return this.#frame.length === PREFIX ? this.#grow() : this.#decode()
  }

  #grow(): boolean {
    const length = Buffer.from(this.#frame).readUInt32BE()
    if (length < MIN_FRAME || length > this.#maxSize) {
      this.#sink.fail(length < MIN_FRAME ? 'malformed' : 'too-large')
      return false
    }
    const frame = new Uint8Array(length)
    frame.set(this.#frame)
    this.#frame = frame
    return true
  }

  #decode(): boolean {
    try {
      codec ??= loadCodec()
      this.#report(codec.decode(this.#frame))
    } catch {
      this.#sink.fail('malformed')
      return false
    }
    this.#frame = new Uint8Array(PREFIX)
    this.#filled = 0
    return true
  }

  #report({ headers, body }: Message): void {
    if (headers[':message-type']?.value !== 'event') return this.#sink.fail('error')
    const type = headers[':event-type']?.value
    this.#sink.event(typeof type === 'string' ? type : undefined, utf8.decode(body))
  }
}
