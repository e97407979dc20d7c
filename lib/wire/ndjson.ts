import type { Sink, TextFraming } from './framing.ts'

/** One JSON value on each line. https://github.com/ndjson/ndjson-spec */
export class NdjsonFraming implements TextFraming {
  readonly #sink: Sink
  #line: string[] = []

  constructor(sink: Sink) {
    this.#sink = sink
  }

  feed(text: string): void {
    let start = 0
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.#line.push(text.slice(start, end))
      this.#flush()
      start = end + 1
    }
    if (start < text.length) this.#line.push(text.slice(start))
  }

  /** The last line may lack its line feed. */
  end(): void {
    this.#flush()
  }

  #flush(): void {
    const line = this.#line.join('').trim()
    this.#line = []
    if (line !== '') this.#sink.event(undefined, line)
  }
}
