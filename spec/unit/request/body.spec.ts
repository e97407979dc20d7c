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

interface Owner extends BodyOwner {
  done: boolean
  error: Error | undefined
}

function ownerOf(): Owner {
  const owner: Owner = {
    done: false,
    error: undefined,
    source: undefined,
    breakOff(error) {
      owner.done = true
      owner.error = error
      owner.source?.onLeave(error)
    },
  }
  return owner
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
    expect(whole).toMatchObject({ kind: 'whole', body: BYTES })
    if (whole.kind === 'whole') expect(await sent(whole.sent)).toBe(TEXT)
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

test('an error of a stream is its owner’s, while it is read and until the call is over', async () => {
  const owner = ownerOf()
  const failing = new PassThrough()
  const reading = read(failing, 100, owner)
  failing.destroy(new Error('the disk is gone'))
  expect(await reading).toEqual({ kind: 'aborted' })
  expect(owner.error).toEqual(new Error('the disk is gone'))

  const later = ownerOf()
  const stream = Readable.from(['a'])
  expect(await read(stream, 100, later)).toMatchObject({ kind: 'whole' })
  stream.emit('error', new Error('afterwards'))
  expect(later.error).toEqual(new Error('afterwards'))
})

test('a stream that was read or destroyed before, closes early or gives what is no bytes is left to undici', async () => {
  const used = Readable.from(['a'])
  await sent(used)
  const closing = new PassThrough()
  const closed = read(closing)
  closing.destroy()
  const odd = Readable.from(['a', 42])
  const all = [read(used), read(new PassThrough().destroy()), closed, read(odd)]
  for (const one of all) expect(await one).toMatchObject({ kind: 'passed', reason: 'body-failed' })
  expect(odd.read()).toBe('a')
  expect(odd.read()).toBe(42)
})

test('a stream that does not destroy itself is destroyed when it was read, as by undici', async () => {
  const stream = new Readable({ autoDestroy: false, read() {} })
  stream.push('a')
  stream.push(null)
  const bytes = Buffer.from('a')
  expect(await read(stream)).toEqual({ kind: 'whole', body: bytes, sent: bytes })
  expect(stream.destroyed).toBe(true)
})

test('what an iterable throws, or gives that is no bytes, comes behind what it gave before', async () => {
  const failing = async function* (last: () => unknown): AsyncGenerator<unknown> {
    yield 'a'
    yield last()
  }
  const throws = await read(
    failing(() => {
      throw new Error('the disk is gone')
    }),
  )
  const gives = await read(failing(() => 42))
  for (const passed of [throws, gives]) expect(passed).toMatchObject({ kind: 'passed', reason: 'body-failed' })
  expect(await collect(throws)).toEqual(['a', new Error('the disk is gone')])
  expect(await collect(gives)).toEqual(['a', 42])
})

test('what an iterator throws at once is the error of its body', async () => {
  const throwing = {
    [Symbol.asyncIterator]: () => ({
      next() {
        throw new Error('at once')
      },
    }),
  }
  expect(await collect(await read(throwing))).toEqual([new Error('at once')])
})

test('an iterable that gives nothing without end is passed on', async () => {
  const endless = function* (): Generator<string> {
    for (;;) yield ''
  }
  expect(await read(endless())).toMatchObject({ kind: 'passed', reason: 'body-too-large' })
})

test('what a generator gives may be filled again at once', async () => {
  const refilling = function* (): Generator<Buffer> {
    const buffer = Buffer.alloc(1)
    for (const text of 'abc') {
      buffer.write(text)
      yield buffer
    }
    buffer.fill(0)
  }
  const whole = await read(refilling())
  expect(whole).toMatchObject({ kind: 'whole', body: Buffer.from('abc') })
  if (whole.kind === 'whole') expect(await sent(whole.sent)).toBe('abc')
})

/** What comes of a body that was passed on, its error as the last. */
async function collect(read: ReadBody): Promise<unknown[]> {
  const all: unknown[] = []
  if (read.kind !== 'passed') throw new Error(`It is ${read.kind}`)
  try {
    for await (const one of read.body as AsyncIterable<unknown>) all.push(one)
  } catch (error) {
    all.push(error)
  }
  return all
}
