import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VERDICT_CASES } from '../support/verdicts/all.ts'
import type { VerdictCase } from '../support/verdicts/case.ts'
import { CODINGS, judge, outcome } from '../support/verdicts/judging.ts'

const whole = ({ body }: VerdictCase): Buffer => Buffer.concat(body.pieces)
const uncoded = VERDICT_CASES.filter(({ headers }) => Object.keys(headers).length === 0)
const anyCase = fc.constantFrom(...uncoded)
const anyStored = fc.constantFrom(
  ...uncoded.filter(({ body, expected, marked }) => body.kind !== 'document' && expected === 'store' && marked),
)
/** Fractions of the body at which it is cut. */
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 })
const coding = fc.constantFrom(undefined, ...Object.keys(CODINGS))

async function encode(bytes: Buffer, name: string | undefined): Promise<Buffer> {
  return name === undefined ? bytes : ((await CODINGS[name]?.(bytes)) ?? bytes)
}

function cutAt(bytes: Buffer, fractions: readonly number[]): Buffer[] {
  const ends = [...fractions.map((fraction) => Math.floor(fraction * bytes.length)), bytes.length].sort((a, b) => a - b)
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end))
}

describe('properties of the verdict', () => {
  it('is the same wherever the bytes are cut, in whatever coding', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, cuts, coding, async (subject, fractions, name) => {
        const chunks = cutAt(await encode(whole(subject), name), fractions)
        expect(outcome(await judge(subject, chunks, true, name))).toBe(subject.expected)
      }),
      { numRuns: 400 },
    )
  })

  it('never stores a stream that was cut before its marker, cleanly or not', async () => {
    const place = fc.double({ min: 0, max: 1, noNaN: true })
    await fc.assert(
      fc.asyncProperty(
        anyStored,
        place,
        cuts,
        coding,
        fc.boolean(),
        async (subject, fraction, fractions, name, clean) => {
          const marker = subject.body.pieces.length - subject.tail - 1
          const before = Buffer.concat(subject.body.pieces.slice(0, marker))
          const cut = before.subarray(0, Math.floor(fraction * before.length))
          const judged = await judge(subject, cutAt(await encode(cut, name), fractions), clean, name)
          expect([judged.verdict.store, ...judged.turns.map(({ store }) => store)]).not.toContain(true)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('never stores an answer into which an error was put', async () => {
    const failure = Buffer.from('data: {"error":{"message":"x"}}\n\n')
    const streams = fc.constantFrom(
      ...uncoded.filter(({ body, expected }) => body.type.startsWith('text/event-stream') && expected === 'store'),
    )
    await fc.assert(
      fc.asyncProperty(streams, fc.nat(), async (subject, seed) => {
        const pieces = [...subject.body.pieces]
        pieces.splice(seed % (pieces.length + 1), 0, failure)
        expect(outcome(await judge(subject, pieces))).toBe('error')
      }),
      { numRuns: 200 },
    )
  })

  it('survives any JSON in any framing', async () => {
    const formats = [...new Set(VERDICT_CASES.map(({ format }) => format))]
    const kinds = fc.constantFrom('application/json', 'text/event-stream', 'application/x-ndjson', 'text/plain')
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...formats), kinds, fc.jsonValue(), async (format, type, value) => {
        const text = JSON.stringify(value)
        const bytes = Buffer.from(type === 'text/event-stream' ? `data: ${text}\n\n` : `${text}\n`)
        const subject = { format, body: { kind: 'document' as const, type, pieces: [] }, headers: {}, refuse: {} }
        const { verdict } = await judge(subject, [bytes])
        expect(verdict).not.toMatchObject({ reason: 'internal' })
      }),
      { numRuns: 600 },
    )
  })

  it('survives members of any type where a format looks', async () => {
    const names = fc.constantFrom(
      ...`choices message delta content tool_calls function usage output status response type candidates parts
        promptFeedback embeddings embedding data results predictions bytes finish_reason stop_reason
        incomplete_details item index x_groq done text finishReason`.split(/\s+/),
    )
    const types = fc.constantFrom(
      'message',
      'response.completed',
      'message_delta',
      'content_block_delta',
      'message-end',
      'finish',
    )
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5, depthSize: 'medium' },
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), types),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(names, tie('value'), { maxKeys: 5 }),
      ),
    }))
    const formats = [...new Set(VERDICT_CASES.map(({ format }) => format))]
    const kinds = fc.constantFrom('application/json', 'application/x-ndjson')
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...formats),
        kinds,
        fc.dictionary(names, value, { maxKeys: 6 }),
        async (format, type, body) => {
          const subject = { format, body: { kind: 'document' as const, type, pieces: [] }, headers: {}, refuse: {} }
          const { verdict } = await judge(subject, [Buffer.from(JSON.stringify(body))])
          expect(verdict).not.toMatchObject({ reason: 'internal' })
        },
      ),
      { numRuns: 2000 },
    )
  })
})
