import type { Transform } from 'node:stream'
import { streamedDecoder } from './codings.ts'

/** Undoes one content coding, chunk by chunk, independently of the caller. */
export interface Decoder {
  /** Copies the bytes. What can be decoded comes out soon, even if nothing more is written. */
  write(bytes: Uint8Array): void
  /**
   * Resolves when everything written has been decoded, or could not be.
   *
   * @param clean whether the bytes are complete, so that a coding without its end is a failure
   */
  finish(clean: boolean): Promise<void>
  /** Stops at once and frees the decoder. Nothing more comes out. */
  destroy(): void
}

/** Receives what a {@link Decoder} decodes. */
export interface DecoderOutput {
  data(bytes: Uint8Array): void
  /** The bytes are not of that coding. Nothing more follows. */
  error(): void
}

/** Whether `content-encoding` names a coding at all. */
export function isEncoded(contentEncoding: string | undefined): contentEncoding is string {
  return contentEncoding !== undefined && !['', 'identity'].includes(contentEncoding.trim().toLowerCase())
}

/** The decoder of a `content-encoding`; `undefined` for an unknown one, and for several at once. */
export function createDecoder(contentEncoding: string, output: DecoderOutput): Decoder | undefined {
  const create = streamedDecoder(contentEncoding.trim().toLowerCase())
  return create && new ZlibDecoder(create, output)
}

// Milliseconds to wait before the end of broken bytes is passed on. The fetch of Node 22 (undici 6) hangs if it is told
// of the end while its own decoder, which has just started, is about to fail.
const GRACE = 50

class ZlibDecoder implements Decoder {
  readonly #create: (first: number) => Transform
  readonly #output: DecoderOutput
  #coder: Transform | undefined
  #over = false
  #failed = false

  constructor(create: (first: number) => Transform, output: DecoderOutput) {
    this.#create = create
    this.#output = output
  }

  write(bytes: Uint8Array): void {
    const [first] = bytes
    if (first === undefined || this.#over) return
    this.#coder ??= this.#start(first)
    this.#coder.write(Buffer.from(bytes))
  }

  finish(clean: boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const coder = this.#coder
    if (coder === undefined || this.#over || coder.closed) resolve()
    else {
      coder.once('close', () => (this.#failed ? setTimeout(resolve, GRACE) : resolve()))
      if (clean) coder.end()
      // An empty write completes after all earlier ones. Ending a truncated coding would be an error.
      else coder.write(Buffer.alloc(0), () => this.destroy())
    }
    return promise
  }

  destroy(): void {
    this.#over = true
    this.#coder?.destroy()
  }

  #start(first: number): Transform {
    const coder = this.#create(first)
    coder.on('data', (bytes: Buffer) => {
      if (!this.#over) this.#output.data(bytes)
    })
    coder.on('error', () => {
      if (this.#over) return
      this.#over = this.#failed = true
      this.#output.error()
    })
    return coder
  }
}
