import { isMarkedAsUntransferable } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { StoredRecording } from '../../../lib/replay/recording.ts'
import { LiveRecording } from '../../../lib/replay/live-recording.ts'
import { entryOf } from '../../support/entry-of.ts'

const HEAD = { status: 200, statusText: 'OK', headers: [] }

function record(chunks: readonly (readonly [string, number])[]): LiveRecording {
  const recording = new LiveRecording()
  recording.start(HEAD, 100)
  for (const [text, at] of chunks) recording.append(Buffer.from(text), at)
  return recording
}

test('a stream is kept as one copy of its bytes, the ends of its chunks and the gaps before them', () => {
  const recording = record([
    ['ab', 110],
    ['c', 110.4],
    ['', 120],
    ['def', 145],
  ])
  const { body, ends, gaps } = recording.bytes(true)
  expect([Buffer.from(body).toString(), [...ends], [...(gaps ?? [])]]).toEqual([
    'abcdef',
    [2, 3, 3, 6],
    [10, 0, 10, 25],
  ])
})

test('a document is kept without boundaries and gaps', () => {
  const { body, ends, gaps } = record([
    ['ab', 110],
    ['c', 120],
  ]).bytes(false)
  expect([Buffer.from(body).toString(), ends.length, gaps]).toEqual(['abc', 0, undefined])
})

test('a stream that came at once, in one small chunk, needs neither', () => {
  const { body, ends, gaps } = record([['abc', 100]]).bytes(true)
  expect([Buffer.from(body).toString(), ends.length, gaps]).toEqual(['abc', 0, undefined])
  const late = new StoredRecording(entryOf(record([['abc', 350]]).bytes(true)), HEAD)
  expect([late.length, late.copy(0).toString(), late.gap(0)]).toEqual([1, 'abc', 250])
  const { length } = new StoredRecording(entryOf(record([['x'.repeat(2_000_000), 100]]).bytes(true)), HEAD)
  expect(length).toBe(1)
})

test('a stored stream is read in the chunks that it came in', () => {
  const recording = record([
    ['ab', 110],
    ['c', 120],
  ])
  const stored = new StoredRecording(entryOf(recording.bytes(true)), HEAD)
  expect([stored.length, stored.copy(0).toString(), stored.copy(1).toString()]).toEqual([2, 'ab', 'c'])
  expect([stored.gap(0), stored.gap(1)]).toEqual([10, 10])
})

test('a stored document is read in slices, so that a reader can pause', () => {
  const body = Buffer.alloc(20_000_000, 'x')
  const stored = new StoredRecording(entryOf({ body, ends: new Uint32Array(), gaps: undefined }), HEAD)
  const sizes = Array.from({ length: stored.length }, (_, at) => stored.copy(at).length)
  expect(sizes).toEqual([8_388_608, 8_388_608, 3_222_784])
})

test('an empty body has no chunk', () => {
  expect(new StoredRecording(entryOf(record([]).bytes(false)), HEAD).length).toBe(0)
})

test('a chunk is handed out as a copy: its reader may change it', () => {
  const recording = record([['abc', 110]])
  const stored = new StoredRecording(entryOf(recording.bytes(true)), HEAD)
  for (const each of [recording, stored]) {
    each.copy(0).fill(0)
    expect(each.copy(0).toString()).toBe('abc')
  }
})

test('what a reader does to a chunk changes neither the next one nor what is stored', () => {
  const chunks = Array.from({ length: 300 }, (_, at) => Buffer.alloc(at % 7 === 0 ? 0 : 997, at))
  const body = Buffer.concat(chunks)
  const ends = Uint32Array.from(chunks, (_, at) => Buffer.concat(chunks.slice(0, at + 1)).length)
  const spoilers = [
    (chunk: Buffer) => void chunk.fill(255),
    // A chunk may share its memory with others; who gives it away must not cut them off.
    ({ buffer }: Buffer) => {
      if (buffer instanceof ArrayBuffer && !isMarkedAsUntransferable(buffer)) buffer.transfer()
    },
  ]
  for (const spoil of spoilers) {
    const stored = new StoredRecording(entryOf({ body: Buffer.from(body).subarray(), ends }), HEAD)
    for (const [at, chunk] of chunks.entries()) {
      const copy = stored.copy(at)
      expect(copy.equals(chunk)).toBe(true)
      spoil(copy)
    }
    expect(chunks.every((chunk, at) => stored.copy(at).equals(chunk))).toBe(true)
  }
})

test('what is recorded is the recording’s own, whatever becomes of the chunk', () => {
  const recording = new LiveRecording()
  recording.start(HEAD, 0)
  const sizes = [1, 4096, 4097, 0, 16_384, 100_000, ...Array<number>(50).fill(1000)]
  const chunks = sizes.map((size, at) => Buffer.alloc(size, at + 1))
  for (const chunk of chunks) {
    recording.record(chunk, 0)
    chunk.fill(0)
  }
  for (const [at, size] of sizes.entries()) expect(recording.copy(at).equals(Buffer.alloc(size, at + 1))).toBe(true)
  const { body, ends } = recording.bytes(true)
  expect([body.length, ends.at(-1)]).toEqual([recording.size, recording.size])
})

test('chunks that were dropped keep their numbers, free their bytes, and can no longer be read', () => {
  const recording = record([
    ['ab', 110],
    ['c', 120],
    ['de', 130],
  ])
  recording.drop(2)
  recording.drop(1)
  expect([recording.length, recording.dropped, recording.size, recording.kept]).toEqual([3, 2, 5, 2])
  expect(recording.copy(2).toString()).toBe('de')
  expect(() => recording.copy(1)).toThrow(RangeError)
})
