import { brotliCompressSync, constants, createGzip, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { openaiChat } from '../../lib/providers/formats/openai-chat.ts'
import type { Format } from '../../lib/providers/provider.ts'
import { createJudge } from '../../lib/judge/judge.ts'
import type { Judge } from '../../lib/judge/judge.ts'
import type { Verdict } from '../../lib/judge/verdict.ts'
import { DONE, sse } from '../support/verdicts/case.ts'
import { CODINGS, REFUSE } from '../support/verdicts/judging.ts'
import { chunk } from '../support/verdicts/openai-chat.ts'

const MIB = 1 << 20

interface Watched {
  readonly judge: Judge
  readonly turns: Verdict[]
  /** Resolves with the next turn. */
  readonly turned: Promise<Verdict>
}

function watch(
  headers: Record<string, string>,
  maxSize = MIB,
  format: Format = openaiChat,
  doneIsOptional = false,
): Watched {
  const turns: Verdict[] = []
  const { promise, resolve } = Promise.withResolvers<Verdict>()
  const judge = createJudge({
    format,
    header: (name) => headers[name],
    refuse: REFUSE,
    doneIsOptional,
    maxSize,
    onTurn(verdict) {
      turns.push(verdict)
      resolve(verdict)
    },
  })
  return { judge, turns, turned: promise }
}

const SSE = { 'content-type': 'text/event-stream' }
const [hi, stop, done] = sse(chunk({ content: 'Hi' }), chunk({}, 'stop'), DONE).pieces
const stream = Buffer.concat([hi, stop, done].map((piece) => piece ?? Buffer.alloc(0)))
const late = Buffer.from('data: {"error":{"message":"late"}}\n\n')

describe('the turn', () => {
  it('comes with the end marker, before anything else is written', () => {
    const { judge, turns } = watch(SSE)
    judge.write(stream.subarray(0, -1))
    expect(turns).toEqual([])
    judge.write(stream.subarray(-1))
    expect(turns).toEqual([{ store: true, usage: undefined }])
  })

  it('takes the verdict back when an error follows the marker, and does not turn again', () => {
    const { judge, turns } = watch(SSE)
    for (const piece of [stream, late, late, stream]) judge.write(piece)
    expect(turns.map(({ store }) => store)).toEqual([true, false])
    expect(judge.finish(true)).toEqual({ store: false, reason: 'error' })
  })

  it('comes at once when the answer can never be stored', () => {
    const { judge, turns } = watch(SSE)
    judge.write(late)
    expect(turns).toEqual([{ store: false, reason: 'error' }])
  })

  it('comes with the first byte of an answer that can not be read', () => {
    const { judge, turns } = watch({ 'content-type': 'image/png' })
    judge.write(stream)
    judge.write(stream)
    expect(turns).toEqual([{ store: false, reason: 'unreadable' }])
  })

  it('stays out of finish, which has the last word', () => {
    const { judge, turns } = watch({ 'content-type': 'application/json' })
    judge.write(Buffer.from('{'))
    expect(judge.finish(true)).toEqual({ store: false, reason: 'malformed' })
    expect(turns).toEqual([])
  })

  it('does not turn to a store when the rest comes after the marker', () => {
    const { judge, turns } = watch(SSE)
    for (const piece of sse(chunk({ content: 'Hi' }), DONE, chunk({}, 'stop')).pieces) judge.write(piece)
    expect(turns).toEqual([{ store: false, reason: 'incomplete' }])
    expect(judge.finish(true)).toEqual({ store: false, reason: 'incomplete' })
  })

  it('never names a lighter reason in the end than a heavier one that came later', () => {
    const { judge, turns } = watch(SSE)
    judge.write(Buffer.concat([...sse(chunk({ content: 'Hi' }), chunk({}, 'content_filter'), DONE).pieces, late]))
    expect(turns).toEqual([{ store: false, reason: 'content-filter' }])
    expect(judge.finish(true)).toEqual({ store: false, reason: 'error' })
  })
})

describe('a stream of a host that is documented to send no [DONE]', () => {
  const unmarked = (): Watched => watch(SSE, MIB, openaiChat, true)
  const [greeting = Buffer.alloc(0), end = Buffer.alloc(0), marker = Buffer.alloc(0)] = [hi, stop, done]

  it('is whole at the clean end of the transport, and not before', () => {
    const { judge, turns } = unmarked()
    for (const piece of [greeting, end]) judge.write(piece)
    expect(turns).toEqual([])
    expect(judge.finish(true)).toMatchObject({ store: true })
  })

  it('is whole at its [DONE] where it sends one all the same', () => {
    const { judge, turns } = unmarked()
    for (const piece of [greeting, end, marker]) judge.write(piece)
    expect(turns).toMatchObject([{ store: true }])
    expect(judge.finish(false)).toMatchObject({ store: true })
  })

  it('is refused when it ends cleanly before its finish reason, cut at any byte', () => {
    for (let at = 0; at < stream.length - marker.length - 2; at++) {
      const { judge } = unmarked()
      judge.write(stream.subarray(0, at))
      expect([at, judge.finish(true)]).toEqual([at, { store: false, reason: 'incomplete' }])
    }
  })
})

describe('a marker in a coded stream', () => {
  it.for(Object.keys(CODINGS))('is noticed in %s although nothing more is written', async (coding) => {
    const { judge, turned } = watch({ ...SSE, 'content-encoding': coding })
    judge.write((await CODINGS[coding]?.(stream)) ?? Buffer.alloc(0))
    expect((await turned).store).toBe(true)
    expect((await judge.finish(false)).store).toBe(true)
  })

  it('is noticed as soon as the provider flushes it, before the coding ends', async () => {
    const gzip = createGzip()
    const { judge, turned } = watch({ ...SSE, 'content-encoding': 'gzip' })
    gzip.on('data', (bytes: Buffer) => judge.write(bytes))
    gzip.write(stream)
    gzip.flush()
    expect((await turned).store).toBe(true)
    expect((await judge.finish(false)).store).toBe(true)
    gzip.destroy()
  })

  it('does not count when the transport ends cleanly inside the coding', async () => {
    const { judge, turned } = watch({ ...SSE, 'content-encoding': 'gzip' })
    judge.write(gzipSync(stream).subarray(0, -4))
    expect((await turned).store).toBe(true)
    expect(await judge.finish(true)).toEqual({ store: false, reason: 'malformed' })
  })

  it.for(Object.entries(CODINGS))(
    'counts in %s exactly from the byte on that decodes it, cut anywhere',
    async ([coding, encode]) => {
      const bytes = await encode(stream)
      let stored = false
      for (let at = 0; at <= bytes.length; at++) {
        const { judge } = watch({ ...SSE, 'content-encoding': coding })
        judge.write(bytes.subarray(0, at))
        const { store } = await judge.finish(false)
        expect(store || !stored).toBe(true)
        stored ||= store
      }
      expect(stored).toBe(true)
    },
  )

  it('reads bytes that the caller overwrites after the call', async () => {
    const { judge, turned } = watch({ ...SSE, 'content-encoding': 'gzip' })
    const bytes = gzipSync(stream)
    judge.write(bytes)
    bytes.fill(0)
    expect((await turned).store).toBe(true)
  })

  it('says unreadable of two codings at once', async () => {
    const { judge } = watch({ ...SSE, 'content-encoding': 'gzip, br' })
    judge.write(gzipSync(stream))
    expect(await judge.finish(true)).toEqual({ store: false, reason: 'unreadable' })
  })

  it('reads bare deflate data', async () => {
    const { judge } = watch({ ...SSE, 'content-encoding': 'deflate' })
    judge.write(deflateRawSync(stream))
    expect((await judge.finish(true)).store).toBe(true)
  })

  it('finds an empty coded answer incomplete', async () => {
    const { judge } = watch({ ...SSE, 'content-encoding': 'gzip' })
    expect(await judge.finish(true)).toEqual({ store: false, reason: 'incomplete' })
  })
})

describe('size', () => {
  it('refuses more bytes than allowed on the wire, and reads no further', () => {
    const { judge, turns } = watch(SSE, 100)
    judge.write(stream)
    judge.write(stream)
    expect(turns).toEqual([{ store: false, reason: 'too-large' }])
    expect(judge.finish(true)).toEqual({ store: false, reason: 'too-large' })
  })

  it('bounds a coding that decodes to nothing by its bytes on the wire', async () => {
    const { judge, turns } = watch({ ...SSE, 'content-encoding': 'gzip' }, 4096)
    const empty = gzipSync('')
    for (let size = 0; size <= 4096; size += empty.length) judge.write(empty)
    expect(turns).toEqual([{ store: false, reason: 'too-large' }])
    expect(await judge.finish(true)).toEqual({ store: false, reason: 'too-large' })
  })

  it('refuses a single event of 50 MB and holds none of it', () => {
    const { judge } = watch(SSE)
    const piece = Buffer.alloc(MIB, 'x')
    judge.write(Buffer.from('data: '))
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    for (let count = 0; count < 50; count++) judge.write(piece)
    globalThis.gc?.()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * MIB)
    expect(judge.finish(true)).toEqual({ store: false, reason: 'too-large' })
  })

  // Brotli's best takes 5 s of 256 MiB.
  const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } }
  it.for<[string, (bytes: Buffer) => Buffer]>([
    ['gzip', gzipSync],
    ['br', (bytes) => brotliCompressSync(bytes, fast)],
    ['zstd', zstdCompressSync],
  ])('stops a %s bomb at the limit', async ([coding, encode]) => {
    const { judge, turned } = watch({ 'content-type': 'application/json', 'content-encoding': coding })
    const bomb = encode(Buffer.alloc(256 * MIB, ' '))
    expect(bomb.length).toBeLessThan(MIB)
    const before = process.memoryUsage().rss
    judge.write(bomb)
    expect(await turned).toEqual({ store: false, reason: 'too-large' })
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB)
    expect(await judge.finish(true)).toEqual({ store: false, reason: 'too-large' })
  })

  it('accepts deep nesting below its limit and refuses 100,000 levels in an event', () => {
    const deep = (levels: number): Buffer =>
      Buffer.from(`data: {"choices":[],"x":${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}}\n\n`)
    const shallow = watch(SSE, 8 * MIB)
    for (const piece of [deep(5_000), stream]) shallow.judge.write(piece)
    expect(shallow.judge.finish(true)).toMatchObject({ store: true })
    const { judge } = watch(SSE, 8 * MIB)
    for (const piece of [deep(100_000), stream]) judge.write(piece)
    expect(judge.finish(true)).toEqual({ store: false, reason: 'malformed' })
  })

  it('does not take brackets inside strings for nesting', () => {
    const { judge } = watch(SSE, 8 * MIB)
    judge.write(sse(chunk({ content: '\\"[{'.repeat(40_000) })).pieces[0] ?? Buffer.alloc(0))
    judge.write(stream)
    expect(judge.finish(true)).toMatchObject({ store: true })
  })
})

describe('a judge', () => {
  it('ignores what is written after its end', () => {
    const { judge } = watch(SSE)
    judge.write(stream)
    expect(judge.finish(true)).toMatchObject({ store: true })
    judge.write(late)
    expect(judge.finish(true)).toMatchObject({ store: true })
  })

  it('refuses, and does not throw, when a format throws', () => {
    const broken: Format = {
      ...openaiChat,
      observe() {
        throw new Error('broken')
      },
    }
    const { judge, turns } = watch(SSE, MIB, broken)
    judge.write(stream)
    expect(turns).toEqual([{ store: false, reason: 'internal' }])
    expect(judge.finish(true)).toEqual({ store: false, reason: 'internal' })
  })
})
