import { PassThrough, Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { readBody } from '../../../lib/request/body.ts'
import type { BodyOwner, ReadBody } from '../../../lib/request/read-body.ts'

const TEXT = 'Grüße, 世界. '.repeat(100)
const BYTES = Buffer.from(TEXT)

/** Pieces that cut characters in two. */
function* pieces(): Generator<Buffer> {
  for (let at = 0; at < BYTES.length; at += 7) yield BYTES.subarray(at, at + 7)
}

async function* later(): AsyncGenerator<Buffer> {
  for (const piece of pieces()) yield piece
}

function read(body: unknown, maxSize = 1_000_000, owner = ownerOf()): ReadBody | Promise<ReadBody> {
  return readBody(body, maxSize, owner, true)
}

function ownerOf(): BodyOwner & { done: boolean } {
  return { done: false, source: undefined }
}

const BODIES: readonly (readonly [string, () => unknown])[] = [
  ['an iterable', () => [...pieces()]],
  ['an iterable of promises', () => [...pieces()].map(async (piece) => piece)],
  ['an async generator', later],
  ['a ReadableStream', () => ReadableStream.from(later())],
  ['a stream of bytes', () => Readable.from(later(), { objectMode: false })],
  ['a stream of objects', () => Readable.from(later())],
  ['a stream of texts', () => Readable.from([...TEXT])],
  ['a stream of decoded text', () => Readable.from(later(), { objectMode: false }).setEncoding('utf8')],
  ['a duplex stream', () => Readable.from(later()).pipe(new PassThrough())],
]

/** As undici reads a body. */
async function sent(body: unknown): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of body as AsyncIterable<string | Uint8Array>) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks).toString()
}

describe.for(BODIES)('%s', ([, make]) => {
  test('is read whole', async () => {
    const whole = await read(make())
    expect(whole).toEqual({ kind: 'whole', body: BYTES, type: undefined })
  })

  test('above the limit is passed on with all that was read of it, a stream as itself', async () => {
    const body = make()
    const passed = await read(body, 30)
    expect(passed).toMatchObject({ kind: 'passed', reason: 'body-too-large' })
    if (passed.kind !== 'passed') return
    if (body instanceof Readable) expect(passed.body).toBe(body)
    expect(await sent(passed.body)).toBe(TEXT)
  })
})

test.for(['hex', 'base64', 'latin1'] as const)(
  'a stream that encodes its text as %s is passed on as it is',
  async (coding) => {
    const make = (): Readable => Readable.from(later(), { objectMode: false }).setEncoding(coding)
    const expected = await sent(make())
    const passed = await read(make(), 30)
    expect(passed.kind).toBe('passed')
    if (passed.kind === 'passed') expect(await sent(passed.body)).toBe(expected)
  },
)

test('a stream is destroyed when its owner leaves, and its error is nobody else’s', async () => {
  const owner = ownerOf()
  const stream = new PassThrough()
  stream.write('a')
  const reading = read(stream, 100, owner)
  owner.done = true
  owner.source?.onLeave(new Error('the caller left'))
  expect(await reading).toEqual({ kind: 'aborted' })
  expect(stream.destroyed).toBe(true)
})

test('a stream that fails, closes too early or gives what is no bytes fails', async () => {
  const failing = new PassThrough()
  const failed = read(failing)
  failing.destroy(new Error('the disk is gone'))
  expect(await failed).toEqual({ kind: 'failed', error: new Error('the disk is gone') })

  const closing = new PassThrough()
  const closed = read(closing)
  closing.destroy()
  expect(await closed).toMatchObject({ kind: 'failed', error: { name: 'AbortError' } })

  const odd = Readable.from([42])
  expect(await read(odd)).toMatchObject({ kind: 'failed', error: { name: 'TypeError' } })
  expect(odd.destroyed).toBe(true)
})

test('a stream that was read or destroyed before is left to undici', async () => {
  const used = Readable.from(['a'])
  await sent(used)
  for (const stream of [used, new PassThrough().destroy()]) {
    expect(await read(stream)).toEqual({ kind: 'passed', body: stream, reason: 'body-encoding' })
  }
})

test('what an iterator throws at once is the error of its body', async () => {
  const throwing = {
    [Symbol.asyncIterator]: () => ({
      next() {
        throw new Error('at once')
      },
    }),
  }
  expect(await read(throwing)).toEqual({ kind: 'failed', error: new Error('at once') })
})
