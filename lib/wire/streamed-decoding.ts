import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib'
import type { Transform } from 'node:stream'

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

/** By name as in RFC 9110 section 8.4.1; makes the coder when its first byte is known. */
const CODERS: ReadonlyMap<string, (first: number) => Transform> = new Map<string, (first: number) => Transform>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['br', () => createBrotliDecompress()],
  ['zstd', () => createZstdDecompress()],
  // Some servers send bare deflate data, and every browser takes it: the low bits of the first byte tell.
  ['deflate', (first) => ((first & 0x0f) === 8 ? createInflate() : createInflateRaw())],
])

/** Whether `content-encoding` names a coding at all. */
export function isEncoded(contentEncoding: string | undefined): contentEncoding is string {
  return contentEncoding !== undefined && !['', 'identity'].includes(contentEncoding.trim().toLowerCase())
}

/** The decoder of a `content-encoding`, or `undefined` for one that is unknown, and for several at once. */
export function createDecoder(contentEncoding: string, output: DecoderOutput): Decoder | undefined {
  const create = CODERS.get(contentEncoding.trim().toLowerCase())
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
