import { expect, test } from 'vitest'
import { bufferOf, decodeUtf8 } from '../../../lib/base/bytes.ts'

const WHOLE = Uint8Array.from(Buffer.from('<grüße>'))
const INNER = WHOLE.subarray(1, -1)

test('a view of bytes is the same memory, neither more nor less of it', () => {
  const buffer = bufferOf(INNER)
  expect([buffer.buffer, buffer.byteOffset, buffer.length]).toEqual([WHOLE.buffer, 1, INNER.length])
  expect(bufferOf(new DataView(WHOLE.buffer, 1, 2))).toHaveLength(2)
})

test('bytes read as UTF-8', () => {
  expect(decodeUtf8(INNER)).toBe('grüße')
})
