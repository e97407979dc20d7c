import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type TextSource, textLines } from '../../../lib/stores/text-lines.ts'

async function linesOf(source: TextSource, maxLength = 1000): Promise<unknown[]> {
  const lines: unknown[] = []
  for await (const { number, text } of textLines(source, maxLength)) lines.push([number, text])
  return lines
}

const TEXT = '{"a":"é{}"}\n\n{"b":"}{"}\r\nno JSON\n{"c":{}}'
const LINES = [
  [1, '{"a":"é{}"}'],
  [3, '{"b":"}{"}'],
  [4, 'no JSON'],
  [5, '{"c":{}}'],
]

describe('the lines of a text', () => {
  test('are the same however it is cut, also inside a character', async () => {
    const bytes = Buffer.from(TEXT)
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const chunks = [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]
        expect(await linesOf(chunks)).toEqual(LINES)
      }
    }
  })

  test('may come one by one without their ends, as readline gives them', async () => {
    expect(await linesOf(['{"a":1}', '{"b":{}}', '{"c":3}'])).toEqual([
      [1, '{"a":1}'],
      [2, '{"b":{}}'],
      [3, '{"c":3}'],
    ])
  })

  test('that are too long are named and not held', async () => {
    const source = ['x'.repeat(600), 'x'.repeat(600), '\n{"a":1}\n']
    expect(await linesOf(source)).toEqual([
      [1, undefined],
      [2, '{"a":1}'],
    ])
  })

  test('of any objects come back, with or without their ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.dictionary(fc.string(), fc.jsonValue())), fc.boolean(), async (objects, hasEnds) => {
        const source = objects.map((object) => JSON.stringify(object) + (hasEnds ? '\n' : ''))
        expect(await linesOf(source, 100_000)).toEqual(objects.map((object, at) => [at + 1, JSON.stringify(object)]))
      }),
    )
  })
})
