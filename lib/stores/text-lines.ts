import { StringDecoder } from 'node:string_decoder'
import { fail } from '../base/check.ts'

type TextChunks = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>

/**
 * A source of text: chunks of any size (a file's stream), lines without their ends (`readline`), or all of it at once
 * (`readFile`).
 */
export type TextSource = string | Uint8Array | TextChunks

/** One line of a text. */
export interface TextLine {
  /** 1 for the first. */
  readonly number: number
  /** `undefined` if it is longer than `maxLength`. */
  readonly text: string | undefined
}

/**
 * The lines of a JSON Lines text, without empty ones. Keeps no more than one line of `maxLength` UTF-16 units in
 * memory. If a chunk that is JSON up to its last brace is followed by one that begins with a brace, the line ends
 * between them.
 *
 * @throws TypeError for anything but text or bytes.
 */
export async function* textLines(source: TextSource, maxLength: number): AsyncGenerator<TextLine> {
  const decoder = new StringDecoder('utf8')
  const lines = new LineReader(maxLength)
  for await (const chunk of chunksOf(source))
    yield* lines.feed(typeof chunk === 'string' ? chunk : decoder.write(bytesOf(chunk)))
  yield* lines.feed(decoder.end())
  yield* lines.end()
}

function chunksOf(source: TextSource): TextChunks {
  if (typeof source === 'string' || ArrayBuffer.isView(source)) return [source]
  const given: object = Object(source) // callers without types pass anything
  if (Symbol.asyncIterator in given || Symbol.iterator in given) return source
  return fail('source', "a string, bytes, lines or a file's stream", source)
}

function bytesOf(chunk: unknown): Buffer {
  // Not instanceof: a chunk may be of another realm.
  if (!ArrayBuffer.isView(chunk)) return fail('each chunk of source', 'a string or bytes', chunk)
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

class LineReader {
  readonly #maxLength: number
  #parts: string[] = []
  #length = 0
  #number = 1

  constructor(maxLength: number) {
    this.#maxLength = maxLength
  }

  *feed(text: string): Generator<TextLine> {
    if (text.startsWith('{') && this.#isWhole()) yield* this.end()
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#add(text.slice(start, end))
      yield* this.end()
      start = end + 1
    }
    this.#add(text.slice(start))
  }

  /** Ends the current line. */
  *end(): Generator<TextLine> {
    const text = this.#length > this.#maxLength ? undefined : this.#parts.join('').trim()
    if (text !== '') yield { number: this.#number, text }
    this.#number++
    this.#parts = []
    this.#length = 0
  }

  #add(text: string): void {
    this.#length += text.length
    // The rest of a line that is too long is counted, but not kept.
    if (this.#length > this.#maxLength) this.#parts = []
    else if (text !== '') this.#parts.push(text)
  }

  #isWhole(): boolean {
    if (this.#parts.at(-1)?.trimEnd().endsWith('}') !== true) return false
    try {
      JSON.parse(this.#parts.join(''))
      return true
    } catch {
      return false
    }
  }
}
