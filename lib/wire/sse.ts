import { createParser } from 'eventsource-parser'
import type { EventSourceParser } from 'eventsource-parser'
import type { Sink, TextFraming } from './framing.ts'

// Without a data line the parser reports no event, but SDKs throw nevertheless.
const ERROR_LINE = /(?:^|[\r\n])event: ?error[\r\n]/

/** End of the last complete line. CR is searched only after the last LF: searching 64 kB without a CR takes 30 µs. */
function endOfLines(text: string): number {
  const end = text.lastIndexOf('\n') + 1
  return end + text.slice(end).lastIndexOf('\r') + 1
}

/**
 * Server-sent events: LF, CRLF or CR, a BOM, comments, data over several lines.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class SseFraming implements TextFraming {
  readonly #parser: EventSourceParser
  readonly #sink: Sink
  #line: string[] = []
  #events = 0

  constructor(sink: Sink) {
    this.#sink = sink
    this.#parser = createParser({
      onEvent: ({ event, data }) => {
        this.#events++
        sink.event(event, data)
      },
      onError: (error) => {
        // Older llama.cpp servers report a failure in a field of their own:
        // https://github.com/ggml-org/llama.cpp/issues/16109
        if (error.type === 'unknown-field' && error.field === 'error') sink.fail('error')
      },
    })
  }

  /** Passes on complete lines only: the parser drops an unknown line as soon as it sees the start of it. */
  feed(text: string): void {
    const end = endOfLines(text)
    if (end > 0) {
      const lines = this.#line.join('') + text.slice(0, end)
      this.#line = []
      this.#parser.feed(lines)
      if (ERROR_LINE.test(lines)) this.#sink.fail('error')
    }
    if (end < text.length) this.#line.push(text.slice(end))
  }

  /** The last event may lack its empty line. A last line that makes no event was cut off. */
  end(): void {
    const rest = this.#line.join('')
    const before = this.#events
    this.#parser.feed(`${rest}\n\n`)
    if (rest !== '' && !rest.startsWith(':') && this.#events === before) this.#sink.fail('incomplete')
  }
}
