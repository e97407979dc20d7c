import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOfBody, recordBody } from '../../../lib/cassettes/body.ts'
import { codePoint } from '../../support/code-points.ts'

const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: codePoint }).map((text) => Buffer.from(text)),
  fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
  fc.jsonValue({ maxDepth: 4 }).map((value) => Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`)),
)

test('a body reads back with the same bytes, through the text of the file', () => {
  fc.assert(
    fc.property(bodies, (bytes) => {
      const recorded = JSON.parse(JSON.stringify(recordBody(bytes)))
      expect(bytesOfBody(recorded).toString('hex')).toBe(Buffer.from(bytes).toString('hex'))
    }),
    { numRuns: 500 },
  )
})

test.for([
  ['{"model":"gpt-5","messages":[]}', { json: { model: 'gpt-5', messages: [] } }],
  ['[{"a":"é"}]', { json: [{ a: 'é' }] }],
  ['{\n  "indented": [\n    1\n  ]\n}', { json: { indented: [1] }, layout: 'indented' }],
  ['{\n  "indented": []\n}\n', { json: { indented: [] }, layout: 'indented newline' }],
  ['{"spaced": [1, {}], "é": null}', { json: { spaced: [1, {}], é: null }, layout: 'spaced' }],
  ['{"spaced": 1, "b": 2}\n', { json: { spaced: 1, b: 2 }, layout: 'spaced newline' }],
  ['{"compact":1}\n', { json: { compact: 1 }, layout: 'newline' }],
  ['{ "loose": true }', { text: '{ "loose": true }' }],
  ['{"exact":12345678901234567890}', { text: '{"exact":12345678901234567890}' }],
  ['{"twice":1,"twice":2}', { text: '{"twice":1,"twice":2}' }],
  ['{"minus":-0}', { text: '{"minus":-0}' }],
  ['{"2":1,"1":2}', { text: '{"2":1,"1":2}' }],
  ['plain', { text: 'plain' }],
  ['', {}],
] as const)('%s is shown as it reads best', ([text, shown]) => {
  expect(recordBody(Buffer.from(text))).toEqual(shown)
})

test('bytes that are no text are base64', () => {
  expect(recordBody(Buffer.from([0xff, 0x00]))).toEqual({ base64: '/wA=' })
})
