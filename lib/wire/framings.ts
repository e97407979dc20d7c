import { EventStreamFraming } from './aws-event-stream.ts'
import type { Framing, Sink, TextFraming } from './framing.ts'
import { DocumentFraming } from './document.ts'
import { NdjsonFraming } from './ndjson.ts'
import { SseFraming } from './sse.ts'

/** Decodes bytes as text. Chunks may end inside a character; bytes that are not UTF-8 are malformed. */
class Utf8Framing implements Framing {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true })
  readonly #inner: TextFraming
  readonly #sink: Sink

  constructor(inner: TextFraming, sink: Sink) {
    this.#inner = inner
    this.#sink = sink
  }

  write(bytes: Uint8Array): void {
    const text = this.#decode(bytes)
    if (text !== undefined && text !== '') this.#inner.feed(text)
  }

  end(): void {
    if (this.#decode(undefined) !== undefined) this.#inner.end()
  }

  #decode(bytes: Uint8Array | undefined): string | undefined {
    try {
      return this.#decoder.decode(bytes, { stream: bytes !== undefined })
    } catch {
      this.#sink.fail('malformed')
      return undefined
    }
  }
}

const NDJSON = /^application\/(x-ndjson|ndjson|x-jsonlines|jsonlines|jsonl|stream\+json)$/
const PLAIN = /^(text\/(plain|vtt|srt)|application\/x-subrip)$/
const JSON_TYPE = /^application\/([\w.-]+\+)?json$/

/**
 * The framing of an answer by its `content-type`; `undefined` for a type that can't be judged. Without a type, JSON is
 * assumed.
 *
 * @param maxSize bytes; a frame that claims to be larger is refused before it has arrived
 */
export function createFraming(contentType: string | undefined, sink: Sink, maxSize: number): Framing | undefined {
  const type = (contentType ?? 'application/json').split(';', 1).join('').trim().toLowerCase()
  if (type === 'application/vnd.amazon.eventstream') return new EventStreamFraming(sink, maxSize)
  const inner = textFraming(type, sink)
  return inner && new Utf8Framing(inner, sink)
}

function textFraming(type: string, sink: Sink): TextFraming | undefined {
  if (type === 'text/event-stream') return new SseFraming(sink)
  if (NDJSON.test(type)) return new NdjsonFraming(sink)
  if (JSON_TYPE.test(type)) return new DocumentFraming(sink, false)
  return PLAIN.test(type) ? new DocumentFraming(sink, true) : undefined
}
