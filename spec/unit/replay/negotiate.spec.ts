import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { accepts, negotiate, plain } from '../../../lib/replay/negotiate.ts'
import { codingsOf } from '../../../lib/wire/codings.ts'
import { entryOf } from '../../support/entry-of.ts'

const TEXT = Buffer.from('data: "grüße"\n\n'.repeat(50))
const MAX = 1_000_000
const CODED = {
  gzip: zlib.gzipSync(TEXT),
  'x-gzip': zlib.gzipSync(TEXT),
  deflate: zlib.deflateSync(TEXT),
  'bare deflate': zlib.deflateRawSync(TEXT),
  br: zlib.brotliCompressSync(TEXT),
  zstd: zlib.zstdCompressSync(TEXT),
  'gzip, br': zlib.brotliCompressSync(zlib.gzipSync(TEXT)),
}

function stored(coding: string, body: Uint8Array, acceptEncoding = 'gzip, deflate, br'): ReturnType<typeof entryOf> {
  const headers = [
    'Content-Type',
    'text/event-stream',
    'Content-Encoding',
    coding,
    'content-length',
    String(body.length),
  ]
  return entryOf({ headers, body, acceptEncoding, ends: Uint32Array.of(5, body.length), gaps: Uint32Array.of(1, 2) })
}

describe.for(Object.entries(CODED))('%s', ([name, body]) => {
  const coding = name === 'bare deflate' ? 'deflate' : name

  test('reaches one who takes it as it was stored', () => {
    const entry = stored(coding, body)
    expect(negotiate(entry, 'zstd, br, gzip, deflate;q=0.5', MAX)).toBe(entry)
    expect(negotiate(entry, entry.acceptEncoding, MAX)).toBe(entry)
  })

  test.for([undefined, '', 'identity', 'gzip;q=0, br;q=0, deflate;q=0, zstd;q=0', 'compress'])(
    'is decoded for one who asks for %o, and its length goes with it',
    (acceptEncoding) => {
      const plain = negotiate(stored(coding, body), acceptEncoding, MAX)
      expect(Buffer.from(plain.body).equals(TEXT)).toBe(true)
      expect(plain.headers).toEqual(['Content-Type', 'text/event-stream'])
      expect(plain.ends.length).toBe(0)
    },
  )

  test('is not decoded beyond the bound', () => {
    expect(() => negotiate(stored(coding, body), '', TEXT.length - 1)).toThrow()
  })
})

test.for([
  ['gzip', () => zlib.createGzip(), zlib.constants.Z_SYNC_FLUSH],
  ['deflate', () => zlib.createDeflate(), zlib.constants.Z_SYNC_FLUSH],
  ['deflate', () => zlib.createDeflateRaw(), zlib.constants.Z_SYNC_FLUSH],
  ['br', () => zlib.createBrotliCompress(), zlib.constants.BROTLI_OPERATION_FLUSH],
  ['zstd', () => zlib.createZstdCompress(), zlib.constants.ZSTD_e_flush],
] as const)('%s that was cut off before its own end decodes to what was there', async ([coding, create, flush]) => {
  const encoder = create()
  const chunks: Buffer[] = []
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk))
  encoder.write(TEXT)
  await new Promise<void>((done) => encoder.flush(flush, done))
  const entry = plain(stored(coding, Buffer.concat(chunks)), MAX)
  expect(Buffer.from(entry.body).equals(TEXT)).toBe(true)
  expect(entry).toMatchObject({ headers: ['Content-Type', 'text/event-stream'], size: TEXT.length })
  encoder.destroy()
})

test('an answer without a coding is everyone’s', () => {
  const entry = entryOf({ headers: ['content-encoding', 'identity'], acceptEncoding: 'br' })
  expect(negotiate(entry, undefined, MAX)).toBe(entry)
})

test('a coding that is unknown is passed as it came', () => {
  const entry = stored('compress', TEXT)
  expect(negotiate(entry, '', MAX)).toBe(entry)
})

test.for([
  ['gzip', 'gzip', true],
  ['GZIP ; q=1', 'gzip', true],
  ['gzip', 'x-gzip', true],
  ['*', 'br', true],
  ['*;q=0', 'br', false],
  ['br;q=0, *', 'br', false],
  ['*, br;q=0.000', 'br', false],
  ['gzip;q=0.001', 'gzip', true],
  ['', 'gzip', false],
  [undefined, 'gzip', false],
  ['deflate', 'gzip', false],
] as const)('accept-encoding %o for %s: %s', ([value, coding, expected]) => {
  expect(accepts(value, coding)).toBe(expected)
})

test('codings are listed in the order they were applied', () => {
  expect(codingsOf(' GZip, identity , br,')).toEqual(['gzip', 'br'])
  expect(codingsOf(undefined)).toEqual([])
})
