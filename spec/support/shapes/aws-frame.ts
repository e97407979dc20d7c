import { EventStreamCodec } from '@smithy/eventstream-codec'

const codec = new EventStreamCodec(
  (input) => Buffer.from(input).toString(),
  (input) => Buffer.from(input),
)

/** One AWS frame; `kind` is its `:message-type`. */
export function frame(event: string, value: unknown, kind = 'event'): Buffer {
  const text = (content: string): { type: 'string'; value: string } => ({ type: 'string', value: content })
  const name = kind === 'exception' ? ':exception-type' : ':event-type'
  const headers = { ':message-type': text(kind), [name]: text(event), ':content-type': text('application/json') }
  return Buffer.from(codec.encode({ headers, body: Buffer.from(JSON.stringify(value)) }))
}
