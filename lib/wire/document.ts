import type { Sink, TextFraming } from './framing.ts'

/** A body that is one document: JSON, or text where the media type says so. */
export class DocumentFraming implements TextFraming {
  readonly #sink: Sink
  readonly #plain: boolean
  readonly #texts: string[] = []

  constructor(sink: Sink, plain: boolean) {
    this.#sink = sink
    this.#plain = plain
  }

  feed(text: string): void {
    this.#texts.push(text)
  }

  end(): void {
    this.#sink.document(this.#texts.join(''), this.#plain)
  }
}
