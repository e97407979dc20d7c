import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunksOf, recordStream, type StreamKind } from '../../../lib/cassettes/stream.ts'

const KINDS: readonly StreamKind[] = ['events', 'lines', 'chunks']
const EVENTS = [
  'data: {"a":1}\n\n',
  'event: message_start\ndata: {"type":"message_start","text":"é€😀"}\n\n',
  'event: x\nid: 7\ndata: [1,2]\n\n',
  'event: \ndata: \n\n',
  ': a comment\n\n',
  'data: { "spaced": 1 }\n\n',
  'data: one\ndata: two\n\n',
  'data: {"crlf":1}\r\n\r\n',
  'retry: 10\n\n',
  '{"done":true}\n',
  '{"deep":{"x":[1.50,"\\u00e9"]}}\n',
  '\uFEFFdata: {"bom":1}\n\n',
  'data: [DONE]\n\n',
  '\n\n\n',
  'data: "text"\n\n',
  'data: {"a": 1, "b": [1, 2], "c": {}}\r\n\r\n',
  'event: x\r\ndata: {"mixed":1}\n\n',
  'data: {"mixed":2}\r\n\n',
  '{"a": 1, "b": [true, null]}\n',
  '{\n  "a": 1\n}\n',
]

/** Any text of a stream, cut anywhere. */
const stream = fc
  .tuple(fc.array(fc.constantFrom(...EVENTS), { maxLength: 8 }), fc.uint8Array({ maxLength: 4 }), fc.array(fc.nat(400)))
  .map(([events, noise, cuts]) => {
    const bytes = Buffer.concat([Buffer.from(events.join('')), noise])
    const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length])].toSorted(
      (a, b) => a - b,
    )
    return ends.map((end, at) => ({ bytes: bytes.subarray(ends[at - 1] ?? 0, end), gap: at * 3 }))
  })

test('a stream reads back with the same bytes, boundaries and gaps, through the text of the file', () => {
  fc.assert(
    fc.property(stream, fc.constantFrom(...KINDS), (chunks, kind) => {
      const parts = JSON.parse(JSON.stringify(recordStream(chunks, kind)))
      const back = chunksOf(parts, kind)
      expect(back.map(({ gap }) => gap)).toEqual(chunks.map(({ gap }) => gap))
      expect(back.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(
        chunks.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
      )
    }),
    { numRuns: 500 },
  )
})

test('an event of the usual spelling is shown by its fields', () => {
  const bytes = Buffer.from('event: delta\ndata: {"text":"Hi"}\n\ndata: [DONE]\n\n')
  expect(recordStream([{ bytes, gap: 5 }], 'events')).toEqual([
    { gap: 5, event: 'delta', json: { text: 'Hi' } },
    { data: '[DONE]' },
  ])
})

test('an event with the line ends of Gemini, and the spacing of Python, is shown by its fields', () => {
  const bytes = Buffer.from('data: {"parts": [{"text": "Hi"}]}\r\n\r\n')
  expect(recordStream([{ bytes, gap: 0 }], 'events')).toEqual([
    { gap: 0, json: { parts: [{ text: 'Hi' }] }, layout: 'spaced', crlf: true },
  ])
})

test('an event that is cut over two chunks is shown as the two texts that came', () => {
  const chunks = ['data: {"te', 'xt":1}\n\n'].map((text, gap) => ({ bytes: Buffer.from(text), gap }))
  expect(recordStream(chunks, 'events')).toEqual([
    { gap: 0, text: 'data: {"te' },
    { gap: 1, text: 'xt":1}\n\n' },
  ])
})

test('a character that is cut over two chunks is shown as bytes', () => {
  const euro = Buffer.from('€')
  const chunks = [euro.subarray(0, 1), euro.subarray(1)].map((bytes) => ({ bytes, gap: 0 }))
  expect(recordStream(chunks, 'events').map(({ base64 }) => base64)).toEqual(['4g==', 'gqw='])
})

test('a line of JSON is shown as its value', () => {
  const bytes = Buffer.from('{"response":"Hi","done":false}\n{"done":true}\n')
  expect(recordStream([{ bytes, gap: 0 }], 'lines')).toEqual([
    { gap: 0, json: { response: 'Hi', done: false } },
    { json: { done: true } },
  ])
})
