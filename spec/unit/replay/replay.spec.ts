import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Replay, speedOf } from '../../../lib/replay/replay.ts'
import { flattenHeaders } from '../../../lib/undici/head.ts'
import { StoredRecording } from '../../../lib/replay/recording.ts'
import { LiveRecording } from '../../../lib/replay/live-recording.ts'
import { Listener, settled, type Whim } from '../../behaviour/flight/scripted.ts'
import { entryOf } from '../../support/entry-of.ts'

const HEAD = { status: 200, statusText: 'OK', headers: [] }
const GAPS = [50, 20, 0, 30]

function tapeOf(chunks: readonly string[], gaps: readonly number[] = []): StoredRecording {
  let end = 0
  const ends = Uint32Array.from(chunks, (chunk) => (end += chunk.length))
  return new StoredRecording(entryOf({ body: Buffer.from(chunks.join('')), ends, gaps: Uint32Array.from(gaps) }), HEAD)
}

function play(
  recording: StoredRecording | LiveRecording,
  speed = Infinity,
  whims?: ReadonlyMap<number, Whim>,
): Listener {
  const listener = new Listener(whims)
  new Replay(listener.caller, recording, { decorate: (head) => head, speed }).pump()
  return listener
}

describe('at once', () => {
  test('a replay ends before the call that started it returns', () => {
    expect(play(tapeOf(['a', 'b'], [1000, 1000])).told).toEqual(['head 200', 'data', 'data', 'end'])
  })

  test('a reader that pauses gets nothing until it resumes, the end included', () => {
    const listener = play(
      tapeOf(['a', 'b']),
      Infinity,
      new Map<number, Whim>([
        [1, 'pause'],
        [2, 'pause'],
      ]),
    )
    expect(listener.told).toEqual(['head 200', 'data'])
    listener.resume()
    expect(listener.told).toEqual(['head 200', 'data', 'data'])
    listener.resume()
    expect(listener.told).toEqual(['head 200', 'data', 'data', 'end'])
  })

  test('a reader that pauses and resumes from within its own data gets each chunk once, in order', () => {
    const listener = play(
      tapeOf(['a', 'b', 'c']),
      Infinity,
      new Map<number, Whim>([
        [1, 'nap'],
        [2, 'nap'],
      ]),
    )
    expect([listener.bytes.toString(), listener.done]).toEqual(['abc', true])
  })

  test('a reader that leaves mid-way gets nothing more', () => {
    const listener = play(tapeOf(['a', 'b']), Infinity, new Map<number, Whim>([[1, 'abort']]))
    expect(listener.told).toEqual(['head 200', 'data', 'error'])
  })

  test('a chunk that comes while another is read is not taken for it', () => {
    const recording = new LiveRecording()
    recording.start(HEAD, 0)
    const listener = new Listener()
    const replay = new Replay(listener.caller, recording, { decorate: (head) => head })
    const add = (text: string): Buffer => {
      const chunk = Buffer.from(text)
      recording.append(Buffer.from(chunk), 0)
      return chunk
    }
    const { onResponseData } = Listener.prototype
    listener.onResponseData = (controller, chunk) => {
      onResponseData.call(listener, controller, chunk)
      if (recording.length === 1) replay.pump(add('b'))
    }
    replay.pump(add('a'))
    expect(listener.bytes.toString()).toBe('ab')
  })

  test('a recording that failed gives what it has, then its error', async () => {
    const recording = new LiveRecording()
    recording.start(HEAD, 0)
    recording.append(Buffer.from('a'), 0)
    const error = new Error('reset')
    recording.fail(error)
    const listener = play(recording)
    await settled()
    expect([listener.told, listener.error]).toEqual([['head 200', 'data', 'error'], error])
  })

  test('trailers come with the end', () => {
    const recording = new LiveRecording()
    recording.start(HEAD, 0)
    recording.end({ 'x-checksum': '1' }, [Buffer.from('x-checksum'), Buffer.from('1')])
    const listener = new Listener()
    let seen: unknown
    listener.onResponseEnd = (...args: unknown[]) => void (seen = args[1])
    new Replay(listener.caller, recording, { decorate: (head) => head }).pump()
    expect([seen, flattenHeaders(listener.caller.rawTrailers)]).toEqual([{ 'x-checksum': '1' }, ['x-checksum', '1']])
  })
})

describe('in time', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  /** When each chunk came, in milliseconds from the head. */
  function track(listener: Listener): number[] {
    const start = performance.now()
    const times: number[] = []
    const { onResponseData } = Listener.prototype
    listener.onResponseData = (controller, chunk) => {
      times.push(Math.round(performance.now() - start))
      onResponseData.call(listener, controller, chunk)
    }
    return times
  }

  test.for([
    ['recorded', [50, 70, 70, 100]],
    [{ speed: 10 }, [5, 7, 7, 10]],
    [{ speed: 0.5 }, [100, 140, 140, 200]],
    ['instant', [0, 0, 0, 0]],
  ] as const)('%o keeps to the recorded gaps', ([mode, expected]) => {
    const listener = new Listener()
    const times = track(listener)
    const recording = tapeOf(['a', 'b', 'c', 'd'], GAPS)
    new Replay(listener.caller, recording, { decorate: (head) => head, speed: speedOf(mode) }).pump()
    vi.runAllTimers()
    expect([times, listener.bytes.toString(), listener.done]).toEqual([expected, 'abcd', true])
  })

  test('gaps shorter than a timer add up', () => {
    const listener = new Listener()
    const times = track(listener)
    const recording = tapeOf([...'x'.repeat(100)], Array(100).fill(5))
    new Replay(listener.caller, recording, { decorate: (head) => head, speed: 50 }).pump()
    vi.runAllTimers()
    expect(times.at(-1)).toBe(10)
  })

  test('a pause holds no timer, and what was due meanwhile comes at once', () => {
    const listener = play(tapeOf(['a', 'b', 'c', 'd'], GAPS), 1)
    vi.advanceTimersByTime(50)
    listener.pause()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(25)
    expect(listener.bytes.toString()).toBe('a')
    listener.resume()
    expect(listener.bytes.toString()).toBe('abc')
    vi.advanceTimersByTime(25)
    expect([listener.bytes.toString(), listener.done]).toEqual(['abcd', true])
  })

  test('an abort holds no timer', () => {
    const listener = play(tapeOf(['a', 'b'], GAPS), 1)
    vi.advanceTimersByTime(55)
    listener.abort()
    expect([vi.getTimerCount(), listener.told]).toEqual([0, ['head 200', 'data', 'error']])
  })

  test('a document has no gaps to wait for', () => {
    const recording = new StoredRecording(entryOf({ body: Buffer.from('{}') }), HEAD)
    expect(play(recording, 1).told).toEqual(['head 200', 'data', 'end'])
  })
})
