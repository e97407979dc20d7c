import fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Rewriter } from '../../../lib/convert/rewriter.ts'
import type { Rewrite } from '../../../lib/controls/rewrite.ts'
import type { Entry } from '../../../lib/stores/entry.ts'
import { headerOf } from '../../../lib/undici/head.ts'
import { entryOf } from '../../support/entry-of.ts'

const ALL: Rewrite = { id: true, created: true, usage: 'zero', cached: true }
const SSE = ['content-type', 'text/event-stream']

function stored(text: string, members: Partial<Entry> = {}): Entry {
  return entryOf({ body: Buffer.from(text), headers: ['content-type', 'application/json'], ...members })
}

const OPTIONS = { maxEntrySize: 1e6, maxSize: 1e8 }

/** The entry as a hit is told it; `undefined` where it is told as it is. */
function tell(
  entry: Entry,
  how: Rewrite,
  format = 'openai-chat',
  similarity = '1',
  rewriter = new Rewriter(OPTIONS),
): Entry | undefined {
  const anew = rewriter.rewrite(entry, format, how, similarity)
  if (anew === undefined) return undefined
  const body = Buffer.from(anew.entry.body)
  anew.patch(body, 0)
  return { ...anew.entry, body }
}

function rewrite(entry: Entry, how: Rewrite, format?: string, similarity?: string): Entry {
  return tell(entry, how, format, similarity) ?? entry
}

function textOf({ body }: Entry): string {
  return Buffer.from(body).toString()
}

const chat =
  '{"id":"chatcmpl-D8Z5oo6uDh67AD85p73ksdT1KxhE0", "created": 1770933892,"choices":[{"id":"x","created":5}],"usage":{"total_tokens":3,"cost":0.25,"details":{"cached_tokens":7},"tier":"a"}}'

describe('a document', () => {
  test('keeps every byte that nothing asks to rewrite', () => {
    expect(textOf(rewrite(stored(chat), {}))).toBe(chat)
    const usage = textOf(rewrite(stored(chat), { usage: 'zero' }))
    expect(usage).toBe(chat.replace('3,"cost":0.25', '0,"cost":0').replace('"cached_tokens":7', '"cached_tokens":0'))
  })

  test('has a fresh id of the same kind and length, another one each time', () => {
    const told = [1, 2].map(() => JSON.parse(textOf(rewrite(stored(chat), { id: true }))).id)
    for (const id of told) expect(id).toMatch(/^chatcmpl-[A-Za-z0-9]{29}$/)
    expect(new Set([...told, JSON.parse(chat).id]).size).toBe(3)
  })

  test('is made now, whatever the unit', () => {
    const now = Date.now() / 1000
    const told = (text: string, format?: string) => JSON.parse(textOf(rewrite(stored(text), { created: true }, format)))
    expect(told(chat).created).toBeGreaterThanOrEqual(Math.floor(now))
    expect(told('{"created":1770933892123}').created / 1000).toBeGreaterThanOrEqual(Math.floor(now))
    const { created_at: at } = told('{"created_at":"2023-08-04T19:22:45.499127Z"}', 'ollama-chat')
    expect(new Date(at).getTime() / 1000).toBeGreaterThanOrEqual(Math.floor(now))
    expect(told(chat).choices).toEqual([{ id: 'x', created: 5 }])
  })

  test.for([
    ['of other members', '{"a":1}', '{"a":1,"cached":true,"similarity":0.97}'],
    ['that is empty', '{}', '{"cached":true,"similarity":0.97}'],
    ['that says already', '{"cached":false,"similarity":0}', '{"cached":true,"similarity":0.97}'],
    ['in an array', '[{"a":1},{}]', '[{"a":1,"cached":true,"similarity":0.97},{"cached":true,"similarity":0.97}]'],
  ] as const)('%s says that it was cached, and how similar', ([, text, told]) => {
    expect(textOf(rewrite(stored(text), { cached: true }, 'openai-chat', '0.97'))).toBe(told)
  })

  test('has its bytes where it is more than ASCII', () => {
    const text = '{"content":"Zürich 👩‍👩‍👧‍👦","id":"chatcmpl-D8Z5oo6uDh67AD85p73ksdT1KxhE0","usage":{"total_tokens":12}}'
    const told = textOf(rewrite(stored(text), { usage: 'zero' }))
    expect(told).toBe(text.replace('12', '0'))
  })

  test('that is no JSON, or nested too deep, stays as it is', () => {
    for (const text of ['not json', `${'['.repeat(9000)}${']'.repeat(9000)}`]) {
      expect(tell(stored(text), ALL, 'openai-chat')).toBeUndefined()
    }
  })

  test('of a format without such members stays as it is', () => {
    expect(tell(stored(chat), ALL, 'openai-audio')).toBeUndefined()
  })
})

describe('ids', () => {
  test.for([
    ['a UUID', 'bf2b2c1a-6d0e-4a5b-9f8e-0a1b2c3d4e5f', /^[0-9a-f-]{36}$/],
    ["OpenRouter's", 'gen-1762317021-AbCdEfGhIjKlMnOpQrSt', /^gen-1[78]\d{8}-[A-Za-z0-9]{22}$/],
    ["Anthropic's", 'msg_018nU8ajizC7AoofHJbGncAW', /^msg_[A-Za-z0-9]{24}$/],
    ['a short one', 'chatcmpl-1', /^chatcmpl-[A-Za-z0-9]{22}$/],
    ['one without a prefix', '735e434874a24f68a2390b3cab149242', /^[A-Za-z0-9]{32}$/],
  ] as const)('%s becomes one of its kind', ([, id, kind]) => {
    const told = JSON.parse(textOf(rewrite(stored(JSON.stringify({ id })), { id: true }))).id
    expect(told).toMatch(kind)
    expect(told).not.toBe(id)
  })

  test.for([
    ['that the provider keeps stay', '{"id":"resp_1","store":true}', false],
    ['stay where nothing is said', '{"id":"resp_1"}', false],
    ['that it does not keep are told anew', '{"id":"resp_1","store":false}', true],
  ] as const)('of Responses %s', ([, text, isFresh]) => {
    const headers = ['content-type', 'application/json', 'X-Generation-Id', 'resp_1']
    const told = rewrite(stored(text, { headers }), ALL, 'openai-responses')
    const { id } = JSON.parse(textOf(told))
    expect(id !== 'resp_1').toBe(isFresh)
    expect(headerOf(told.headers, 'x-generation-id')).toBe(id)
  })

  test('are the same in the head and in the body', () => {
    const headers = ['content-type', 'application/json', 'X-Generation-Id', 'gen-1762317021-AbCdEfGhIjKlMnOpQrSt']
    const told = rewrite(stored('{"id":"gen-1762317021-AbCdEfGhIjKlMnOpQrSt"}', { headers }), { id: true })
    expect(headerOf(told.headers, 'x-generation-id')).toBe(JSON.parse(textOf(told)).id)
    const other = rewrite(stored('{"id":"a"}', { headers }), { id: true })
    expect(headerOf(other.headers, 'x-generation-id')).toMatch(/^gen-\d{10}-\w{22}$/)
  })
})

describe('a stream', () => {
  const events = [
    'data: {"id":"chatcmpl-1","created":1,"choices":[{"delta":{"content":"a"}}]}\n\n',
    ': a comment\n\n',
    'data: {"id":"chatcmpl-1","created":2,"choices":[],"usage":{"total_tokens":12}}\r\n\r\n',
    'data: [DONE]\n\n',
  ]

  function endsOf(chunks: readonly string[]): Uint32Array {
    let end = 0
    return Uint32Array.from(chunks, (chunk) => (end += Buffer.byteLength(chunk)))
  }

  function chunksOf(entry: Entry): string[] {
    return [...entry.ends].map((end, at) => Buffer.from(entry.body.subarray(entry.ends[at - 1] ?? 0, end)).toString())
  }

  test('has one fresh id and one time in every event alike, and its chunks where they were', () => {
    const entry = stored(events.join(''), { headers: SSE, ends: endsOf(events) })
    const told = chunksOf(rewrite(entry, ALL))
    expect(told[1]).toBe(events[1])
    expect(told[3]).toBe(events[3])
    const [first, last] = [told[0], told[2]].map((event = '') => JSON.parse(event.slice('data: '.length)))
    expect(first.id).toMatch(/^chatcmpl-\w{22}$/)
    expect(last.id).toBe(first.id)
    expect(last.created).toBe(first.created)
    expect(last).toMatchObject({ usage: { total_tokens: 0 }, cached: true, similarity: 1 })
  })

  test('is the same wherever it was cut into chunks', () => {
    const whole = events.join('').replace('12', '1234567890')
    const rewriter = new Rewriter(OPTIONS)
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: whole.length - 1 }), { maxLength: 12 }), (cuts) => {
        const ends = Uint32Array.from([...cuts, whole.length].toSorted((left, right) => left - right))
        const told = tell(
          stored(whole, { headers: SSE, ends }),
          { usage: 'zero', cached: true },
          'openai-chat',
          '1',
          rewriter,
        )
        const expected = whole.replace('1234567890', '0').replaceAll(/\}(?=\r?\n)/g, ',"cached":true,"similarity":1}')
        expect(told && textOf(told)).toBe(expected)
        expect(told && chunksOf(told).join('')).toBe(expected)
        expect(told?.ends.length).toBe(ends.length)
        expect([...(told?.ends ?? [])]).toEqual([...(told?.ends ?? [])].toSorted((left, right) => left - right))
      }),
    )
  })

  test('whose data is no JSON in one line stays as it is', () => {
    const text = 'data: {"id":"chatcmpl-1",\ndata: "created":1}\n\n'
    expect(tell(stored(text, { headers: SSE }), ALL, 'openai-chat')).toBeUndefined()
  })

  test('of lines is rewritten line by line', () => {
    const lines = '{"created_at":"2023-08-04T19:22:45.499127Z","done":false}\n{"eval_count":290,"done":true}\n'
    const told = textOf(
      rewrite(stored(lines, { headers: ['content-type', 'application/x-ndjson'] }), { usage: 'zero' }, 'ollama-chat'),
    )
    expect(told).toBe(lines.replace('290', '0'))
  })
})

describe('headers', () => {
  test('give the size of the rewritten body, and nothing of the bytes before', () => {
    const headers = [
      'content-type',
      'application/json',
      'Content-Length',
      '999',
      'ETag',
      '"a"',
      'content-digest',
      'x',
      'x-a',
      'b',
    ]
    const told = rewrite(stored(chat, { headers }), ALL)
    expect(told.headers).toEqual([
      'content-type',
      'application/json',
      'Content-Length',
      String(told.body.length),
      'x-a',
      'b',
    ])
    expect(told.size).toBe(told.body.length)
  })

  test('are one list for hits of one size, so that their heads are found again', () => {
    const rewriter = new Rewriter(OPTIONS)
    const entry = stored(chat, { headers: ['content-type', 'application/json', 'content-length', '9'] })
    const [first, second] = [1, 2].map(() => tell(entry, ALL, 'openai-chat', '1', rewriter))
    expect(first?.headers).toBe(second?.headers)
    expect(first?.body).not.toEqual(second?.body)
  })
})

test('one entry is rewritten in as many ways as are asked for', () => {
  const rewriter = new Rewriter(OPTIONS)
  const entry = stored(chat)
  const told = (how: Rewrite, similarity?: string) =>
    JSON.parse(textOf(tell(entry, how, 'openai-chat', similarity, rewriter) ?? entry))
  expect(told({ usage: 'zero' }).usage.total_tokens).toBe(0)
  expect(told({ cached: true })).toMatchObject({ usage: { total_tokens: 3 }, cached: true, similarity: 1 })
  expect(told({ cached: true }, '0.8')).toMatchObject({ similarity: 0.8 })
  expect(told({ usage: 'zero' })).not.toHaveProperty('cached')
})

test('each hit has its own time', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const rewriter = new Rewriter(OPTIONS)
  const entry = stored(chat)
  const created = () =>
    JSON.parse(textOf(tell(entry, { created: true }, 'openai-chat', '1', rewriter) ?? entry)).created
  const before = created()
  vi.setSystemTime(Date.now() + 5000)
  expect(created()).toBe(before + 5)
})

test('a hit parses nothing that has been read when the answer was stored', () => {
  const rewriter = new Rewriter(OPTIONS)
  const body = Buffer.from(chat)
  const entry = stored('', { body })
  rewriter.prepare(entry, 'openai-chat')
  // What is read once stays where it was: a body that is no JSON any more is rewritten all the same.
  body.fill('x', chat.indexOf('"choices"'), chat.indexOf('"choices"') + 9)
  const told = tell(entry, { usage: 'zero' }, 'openai-chat', '1', rewriter)
  expect(told && textOf(told)).toContain('"total_tokens":0')
})
