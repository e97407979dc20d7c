import type { Transform } from 'node:stream'
import { streamedDecoder } from './codings.ts'

/** Undoes one content coding beside the caller. */
export interface Decoder {
  /** Takes a copy. What decodes comes out as soon as it can, also when nothing more is written. */
  write(bytes: Uint8Array): void
  /**
   * Resolves when all that was written has come out, or could not. `clean`: nothing follows, so that a coding without
   * its end is a failure too.
   */
  finish(clean: boolean): Promise<void>
  /** Stops at once and frees the coder. Nothing comes out any more. */
  destroy(): void
}

/** Where a {@link Decoder} puts what it decodes. */
export interface DecoderOutput {
  data(bytes: Uint8Array): void
  /** The bytes are not of that coding. Nothing comes after it. */
  error(): void
}

/** Whether `content-encoding` names a coding at all. */
export function isEncoded(contentEncoding: string | undefined): contentEncoding is string {
  return contentEncoding !== undefined && !['', 'identity'].includes(contentEncoding.trim().toLowerCase())
}

/** The decoder of a `content-encoding`, or `undefined` for one that is unknown, and for several at once. */
export function createDecoder(contentEncoding: string, output: DecoderOutput): Decoder | undefined {
  const create = streamedDecoder(contentEncoding.trim().toLowerCase())
  return create && new ZlibDecoder(create, output)
}

// The fetch of Node 22 (undici 6) never settles where it is told the end of bytes that are about to fail in its own decoder,
// and that one began right after this one. It is the end of no answer that anybody can use. Milliseconds.
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
      // An empty write is done when all before it is; ending a coding that was cut would be an error.
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
