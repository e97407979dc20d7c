import { describe, expect, it } from 'vitest'
import { VERDICT_CASES } from '../support/verdicts/all.ts'
import type { VerdictCase } from '../support/verdicts/case.ts'
import { bytewise, CODINGS, judge, outcome } from '../support/verdicts/judging.ts'

const whole = ({ body }: VerdictCase): Buffer => Buffer.concat(body.pieces)
const streams = VERDICT_CASES.filter(({ body }) => body.kind !== 'document')
const storable = streams.filter(({ expected }) => expected === 'store')
/** Where the end marker is complete. */
const markerEnd = ({ body, tail }: VerdictCase): number =>
  Buffer.concat(body.pieces.slice(0, body.pieces.length - tail)).length

describe('the verdict', () => {
  it('has at least 200 cases, each of its own name', () => {
    expect(new Set(VERDICT_CASES.map(({ name }) => name)).size).toBe(VERDICT_CASES.length)
    expect(VERDICT_CASES.length).toBeGreaterThanOrEqual(200)
  })

  it.for(VERDICT_CASES)('$name → $expected', async (subject) => {
    const judged = await judge(subject, subject.body.pieces)
    expect(outcome(judged)).toBe(subject.expected)
    if (!judged.verdict.store) return
    if (subject.usage) expect(judged.verdict.usage).toEqual(subject.usage)
  })
})

describe('framing', () => {
  it.for(streams)('does not depend on where $name is cut', async (subject) => {
    const bytes = whole(subject)
    const outcomes: string[] = []
    for (let at = 0; at <= bytes.length; at++) {
      outcomes.push(outcome(await judge(subject, [bytes.subarray(0, at), bytes.subarray(at)])))
    }
    expect(outcomes).toEqual(outcomes.map(() => subject.expected))
    expect(outcome(await judge(subject, bytewise(bytes)))).toBe(subject.expected)
  })

  it.for(
    streams
      .filter(({ body }) => body.kind === 'sse')
      .flatMap((subject) => [
        { name: `CRLF ${subject.name}`, subject, end: '\r\n' },
        { name: `CR ${subject.name}`, subject, end: '\r' },
        { name: `a BOM and LF ${subject.name}`, subject, end: '\n' },
      ]),
  )('reads $name alike', async ({ subject, end }) => {
    const text = whole(subject).toString().replaceAll(/\r?\n/g, end)
    const bytes = Buffer.from(`\uFEFF${text}`)
    const expected = subject.headers['content-length'] === undefined ? subject.expected : 'malformed'
    expect(outcome(await judge(subject, [bytes]))).toBe(expected)
    expect(outcome(await judge(subject, bytewise(bytes)))).toBe(expected)
  })
})

describe('a content coding', () => {
  const uncoded = VERDICT_CASES.filter(
    ({ headers }) => headers['content-encoding'] === undefined && headers['content-length'] === undefined,
  )
  // A coding is undone before a framing sees a byte, and a framing before a format: each is crossed with the next alone.
  const firstOf = (id: (subject: VerdictCase) => string): VerdictCase[] => [
    ...new Map(uncoded.toReversed().map((subject) => [id(subject), subject])).values(),
  ]
  const framings = firstOf(({ body, expected }) => `${body.kind} ${expected === 'store'}`)
  const verdicts = firstOf(({ body, expected }) => `${body.kind} ${expected}`)
  const rows = [
    ...Object.keys(CODINGS).flatMap((coding) => framings.map((subject) => ({ name: subject.name, subject, coding }))),
    ...verdicts.map((subject) => ({ name: subject.name, subject, coding: 'gzip' })),
  ]

  it('is crossed with every framing, stored and refused, and one of them with every verdict', () => {
    expect(framings).toHaveLength(8)
    expect(new Set(verdicts.map(({ expected }) => expected))).toEqual(new Set(uncoded.map(({ expected }) => expected)))
  })

  it.for(rows)('$coding does not change the verdict on $name', async ({ subject, coding }) => {
    const bytes = (await CODINGS[coding]?.(whole(subject))) ?? Buffer.alloc(0)
    expect(outcome(await judge(subject, [bytes], true, coding))).toBe(subject.expected)
    if (bytes.length < 4096) expect(outcome(await judge(subject, bytewise(bytes), true, coding))).toBe(subject.expected)
  })
})

describe('a truncated answer', () => {
  it.for(storable.filter(({ marked }) => marked))('$name counts from its marker on, never before', async (subject) => {
    const bytes = whole(subject)
    const end = markerEnd(subject)
    const counted: boolean[][] = []
    for (let at = 0; at <= bytes.length; at++) {
      const { verdict, turns } = await judge(subject, [bytes.subarray(0, at)], false)
      counted.push([verdict.store, turns.at(-1)?.store ?? false])
    }
    expect(counted).toEqual(counted.map((_, at) => [at >= end, at >= end]))
  })

  it.for(storable)('$name does not count when it ends cleanly after any event before its end', async (subject) => {
    const last = subject.body.pieces.length - subject.tail
    for (let count = 0; count < last; count++) {
      expect(outcome(await judge(subject, subject.body.pieces.slice(0, count)))).toMatch(/^(incomplete|empty)$/)
    }
  })

  it.for(storable.filter(({ marked }) => !marked))(
    '$name does not count when the transport breaks',
    async (subject) => {
      expect(outcome(await judge(subject, subject.body.pieces, false))).toBe('incomplete')
    },
  )

  it.for(VERDICT_CASES.filter(({ body }) => body.kind === 'document'))(
    '$name is never stored when cut',
    async (subject) => {
      const bytes = whole(subject)
      const step = Math.ceil(bytes.length / 400)
      for (let at = 0; at < bytes.length; at += step) {
        expect((await judge(subject, [bytes.subarray(0, at)], false)).verdict.store).toBe(false)
      }
      expect((await judge(subject, [bytes], false)).verdict.store).toBe(false)
    },
  )
})
