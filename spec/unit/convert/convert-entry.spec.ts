import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../../lib/base/json.ts'
import { convertEntry, type Wanted } from '../../../lib/convert/convert-entry.ts'
import { chatConversion } from '../../../lib/convert/openai-chat.ts'
import { Lossy, TooLarge } from '../../../lib/convert/lossy.ts'
import { headerOf } from '../../../lib/undici/head.ts'
import type { Entry } from '../../../lib/stores/entry.ts'
import { entryOf } from '../../support/entry-of.ts'

const content = 'A few words, and some more of them.'
const document = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-5.1',
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 9, total_tokens: 10 },
}

function wanted(stream: boolean, members: Partial<Wanted> = {}): Wanted {
  const body: JsonObject = { stream_options: { include_usage: true } }
  const request = { body, params: {}, query: () => undefined, header: () => undefined }
  return { conversion: chatConversion, request, provider: 'openai', stream, maxSize: 10_000, ...members }
}

function stored(value: object, members: Partial<Entry> = {}): Entry {
  const headers = ['Content-Type', 'application/json', 'Content-Length', '123', 'ETag', '"a"', 'x-request-id', 'req_1']
  return entryOf({ body: Buffer.from(JSON.stringify(value)), headers, stream: false, duration: 1000, ...members })
}

describe('a stream that is made of a document', () => {
  const made = convertEntry(stored(document), wanted(true))

  test('ends each of its chunks where an event ends', () => {
    const text = Buffer.from(made.body).toString()
    const events = text.split(/(?<=\n\n)/)
    expect(made.ends.length).toBe(events.length)
    const cut = [...made.ends].map((end, at) => text.slice(made.ends[at - 1] ?? 0, end))
    expect(cut).toEqual(events)
  })

  test('takes as long as the document took, when it is paced', () => {
    const gaps = [...(made.gaps ?? [])]
    expect(gaps.reduce((sum, gap) => sum + gap, 0)).toBe(1000)
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(1)
  })

  test('has the headers of its answer but those of the bytes that were', () => {
    expect(made.headers).toEqual(['content-type', 'text/event-stream; charset=utf-8', 'x-request-id', 'req_1'])
    expect(made.stream).toBe(true)
    expect(made.size).toBe(made.body.length)
  })

  test('is the document again', () => {
    const again = convertEntry(made, wanted(false))
    expect(JSON.parse(Buffer.from(again.body).toString())).toEqual(document)
    expect(headerOf(again.headers, 'content-type')).toBe('application/json')
    expect(again.ends.length).toBe(0)
    expect(again.stream).toBe(false)
  })
})

test('an answer that becomes larger than one answer may be is not converted', () => {
  expect(() => convertEntry(stored(document), wanted(true, { maxSize: 1000 }))).toThrow(TooLarge)
})

test('an answer that would hold up the event loop is not converted', () => {
  const [choice] = document.choices
  const large = {
    ...document,
    choices: [{ ...choice, message: { role: 'assistant', content: 'word '.repeat(250_000) } }],
  }
  expect(() => convertEntry(stored(large), wanted(true, { maxSize: 1e9 }))).toThrow(TooLarge)
})

test.for([
  ['no JSON', Buffer.from('{')],
  ['an array', Buffer.from('[]')],
  ['no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
] as const)('a body that is %s is not converted', ([, body]) => {
  expect(() => convertEntry(stored({}, { body }), wanted(true))).toThrow(Lossy)
})

test('an answer of a type that is not known is not converted', () => {
  const headers = ['content-type', 'application/octet-stream']
  expect(() => convertEntry(stored(document, { headers }), wanted(true))).toThrow(Lossy)
})
