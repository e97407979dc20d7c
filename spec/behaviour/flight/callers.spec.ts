import { messagesOf } from '../../support/messages.ts'
import { describe, expect, test } from 'vitest'
import type { Rescue } from '../../../lib/flight/flight-hooks.ts'
import type { Verdict } from '../../../lib/judge/verdict.ts'
import { join, Listener, openFlight, settled } from './scripted.ts'

const bytes = (text: string): { bytes: Buffer } => ({ bytes: Buffer.from(text) })
const decorate = <T>(head: T): T => head

describe('the provider', () => {
  test('is held back only while all who listen have paused', async () => {
    const { flight, upstream } = openFlight()
    const [first, second] = [join(flight), join(flight)]
    upstream.start()
    upstream.head()
    first.pause()
    expect(upstream.paused).toBe(false)
    second.pause()
    expect(upstream.paused).toBe(true)
    const third = join(flight)
    await settled()
    expect(upstream.paused).toBe(false)
    third.abort()
    expect(upstream.paused).toBe(true)
    first.resume()
    await settled()
    expect(upstream.paused).toBe(false)
  })

  test('is held back from its start where the caller paused before', () => {
    const { flight, upstream } = openFlight()
    join(flight).pause()
    upstream.start()
    expect(upstream.paused).toBe(true)
  })

  test('is resumed after the caller that moved has returned: its parser may be running for another call', async () => {
    const { flight, upstream } = openFlight()
    const listener = join(flight)
    upstream.start()
    listener.pause()
    listener.resume()
    expect(upstream.paused).toBe(true)
    await settled()
    expect(upstream.paused).toBe(false)
  })

  test('stays held back when the caller pauses again at once', async () => {
    const { flight, upstream } = openFlight()
    const listener = join(flight)
    upstream.start()
    listener.pause()
    listener.resume()
    listener.pause()
    await settled()
    expect(upstream.paused).toBe(true)
  })

  test('is not asked for the rest of a failure that stale answers stand in for', () => {
    const { flight, upstream, log } = openFlight()
    const listener = new Listener()
    flight.attach(listener.caller, { decorate }, () => true)
    upstream.start()
    upstream.head(503)
    expect(upstream.aborted).toBe(true)
    expect(log).toMatchObject({ refused: ['status'], settled: 1, failed: 0 })
  })

  test('is not asked for the rest of an answer that nobody waits for and nobody keeps', () => {
    const { flight, upstream } = openFlight({ onAbandon: 'finish' })
    const listener = join(flight)
    upstream.start()
    upstream.head()
    listener.abort()
    expect(upstream.aborted).toBe(false)
    flight.clear()
    expect(upstream.aborted).toBe(true)
  })

  test('sees an abort as soon as its request starts, where the caller left before', () => {
    const { flight, upstream, log } = openFlight()
    join(flight).abort()
    expect(flight.joinable).toBe(false)
    upstream.start()
    expect(upstream).toMatchObject({ aborted: true, reason: new Error('the caller left') })
    expect(log).toMatchObject({ refused: ['aborted'], settled: 1 })
  })

  test('finishes for the store where the app wants that, and one who comes meanwhile gets all of it', () => {
    const { flight, upstream, log } = openFlight({ onAbandon: 'finish' })
    const leaver = join(flight)
    upstream.start()
    upstream.head()
    upstream.send(bytes('a'))
    leaver.abort()
    upstream.send(bytes('b'))
    const joiner = join(flight)
    upstream.send({ end: true })
    expect(joiner.bytes.toString()).toBe('ab')
    expect(log.stored.map(String)).toEqual(['ab'])
  })
})

describe('a slow reader', () => {
  test('stalls nobody within maxEntrySize, though the answer is not to be stored', () => {
    const { flight, upstream } = openFlight({ maxEntrySize: 10, judge: () => 'read-only' })
    const [slow, fast] = [join(flight), join(flight)]
    upstream.start()
    upstream.head()
    slow.pause()
    for (const text of ['aaaa', 'bbbb', 'cc']) upstream.send(bytes(text))
    expect(fast.bytes.toString()).toBe('aaaabbbbcc')
  })

  test('beyond maxEntrySize has the provider wait, and still gets every byte', async () => {
    const { flight, upstream, log } = openFlight({ maxEntrySize: 10 })
    const [slow, fast] = [join(flight), join(flight)]
    upstream.start()
    upstream.head()
    slow.pause()
    for (const text of ['aaaa', 'bbbb', 'cccc', 'dddd', 'eeee']) upstream.send(bytes(text))
    upstream.send({ end: true })
    expect([fast.bytes.toString(), flight.recording.kept, flight.joinable]).toEqual(['aaaabbbbcccc', 12, false])
    slow.resume()
    await settled()
    expect([slow, fast].map((one) => one.bytes.toString())).toEqual(Array(2).fill('aaaabbbbccccddddeeee'))
    expect(flight.recording.kept).toBe(0)
    expect(log).toMatchObject({ refused: ['too-large'], stored: [] })
  })

  test('that leaves frees the others', async () => {
    const { flight, upstream } = openFlight({ maxEntrySize: 4 })
    const [slow, fast] = [join(flight), join(flight)]
    upstream.start()
    upstream.head()
    slow.pause()
    for (const text of ['aaaa', 'bbbb', 'cccc']) upstream.send(bytes(text))
    expect(upstream.paused).toBe(true)
    slow.abort()
    await settled()
    expect(fast.bytes.toString()).toBe('aaaabbbbcccc')
  })
})

describe('what one handler throws', () => {
  test('ends its own answer alone', async () => {
    const { flight, upstream, log } = openFlight()
    const [thrower, other] = [join(flight, new Map([[1, 'throw']])), join(flight)]
    upstream.start()
    upstream.head()
    upstream.send(bytes('a'))
    upstream.send({ end: true })
    await settled()
    expect(thrower.error).toEqual(new Error('the handler failed'))
    expect([other.bytes.toString(), other.done, log.stored.length]).toEqual(['a', true, 1])
  })

  test('on an error reaches neither the others nor the provider', async () => {
    const errors = messagesOf('undici-llm-cache:error')
    const { flight, upstream, log } = openFlight()
    const thrower = new Listener()
    thrower.onResponseError = () => {
      throw new Error('on error')
    }
    flight.attach(thrower.caller, { decorate })
    const other = join(flight)
    upstream.start()
    upstream.head()
    const error = new Error('reset')
    upstream.send({ error })
    await settled()
    expect(other.error).toBe(error)
    expect(errors).toEqual([{ where: 'answer', reason: 'internal', error: new Error('on error') }])
    expect(log).toMatchObject({ broken: [], settled: 1 })
  })

  test('when its leaving is confirmed does not keep the call alive', () => {
    const { flight, upstream } = openFlight()
    const thrower = new Listener()
    thrower.onResponseError = () => {
      throw new Error('on error')
    }
    flight.attach(thrower.caller, { decorate })
    upstream.start()
    expect(() => thrower.abort()).toThrow('on error')
    expect(upstream.aborted).toBe(true)
  })
})

test('an informational answer reaches all who wait, and the answer follows it', () => {
  const { flight, upstream } = openFlight()
  const listeners = [join(flight), join(flight)]
  upstream.start()
  upstream.head(103)
  upstream.head(200)
  upstream.send({ end: true })
  for (const { told } of listeners) expect(told).toEqual(['head 103', 'head 200', 'end'])
})

test('a retry interceptor below starts again: the newest controller is paused and aborted', () => {
  const { flight, upstream } = openFlight()
  const listener = join(flight)
  upstream.start()
  const again = openFlight().upstream
  flight.onRequestStart(again, {})
  listener.pause()
  listener.abort()
  expect([again.paused, again.aborted, upstream.paused]).toEqual([true, true, false])
})

test('a rescue that breaks leaves its caller the failure, and the others theirs', () => {
  const { flight, upstream, log } = openFlight()
  const rescues: (Rescue | undefined)[] = [
    () => {
      throw new Error('broken rescue')
    },
    undefined,
  ]
  const listeners = rescues.map((rescue) => {
    const listener = new Listener()
    flight.attach(listener.caller, { decorate }, rescue)
    return listener
  })
  upstream.start()
  const error = new Error('no connection')
  upstream.send({ error })
  expect(listeners.map((one) => one.error)).toEqual([error, error])
  expect(log).toMatchObject({ failed: 2, broken: [new Error('broken rescue')] })
})

describe('the verdict', () => {
  const good: Verdict = { store: true, usage: undefined }

  /** A flight whose judge turns when the spec says so. */
  function openTurning(): ReturnType<typeof openFlight> & { readonly turn: (verdict: Verdict) => void } {
    let onTurn = (_verdict: Verdict): void => {}
    const opened = openFlight({
      judge: (_head, listen) => {
        onTurn = listen
        return { write() {}, finish: () => good }
      },
    })
    return { ...opened, turn: (verdict) => onTurn(verdict) }
  }

  test('at the marker stores at once, and bytes that follow extend what is stored', () => {
    const { flight, upstream, log, turn } = openTurning()
    join(flight)
    upstream.start()
    upstream.head()
    upstream.send(bytes('[DONE]'))
    turn(good)
    upstream.send(bytes('\n'))
    upstream.send({ end: true })
    expect(log.stored.map(String)).toEqual(['[DONE]', '[DONE]\n'])
  })

  test('that turns after the marker takes the answer back', () => {
    const { flight, upstream, log, turn } = openTurning()
    join(flight)
    upstream.start()
    upstream.head()
    upstream.send(bytes('[DONE]'))
    turn(good)
    turn({ store: false, reason: 'error' })
    upstream.send({ end: true })
    expect(log).toMatchObject({ stored: [expect.anything()], retracted: 1, refused: ['error'] })
  })

  test('that comes late holds the end back, not the bytes, and keeps the flight open meanwhile', async () => {
    const late = Promise.withResolvers<Verdict>()
    const { flight, upstream, log } = openFlight({ judge: () => ({ write() {}, finish: () => late.promise }) })
    const first = join(flight)
    upstream.start()
    upstream.head()
    upstream.send(bytes('whole'))
    upstream.send({ end: true })
    expect(log.settled).toBe(0)
    const joiner = join(flight)
    for (const { bytes, done } of [first, joiner]) expect([bytes.toString(), done]).toEqual(['whole', false])
    late.resolve(good)
    await settled()
    expect([first.done, joiner.done]).toEqual([true, true])
    expect(log).toMatchObject({ settled: 1, stored: [Buffer.from('whole')] })
  })

  test('that comes after a clear stores nothing', async () => {
    const late = Promise.withResolvers<Verdict>()
    const { flight, upstream, log } = openFlight({ judge: () => ({ write() {}, finish: () => late.promise }) })
    join(flight)
    upstream.start()
    upstream.head()
    upstream.send({ end: true })
    flight.clear()
    late.resolve(good)
    await settled()
    expect(log).toMatchObject({ settled: 1, stored: [], refused: ['cleared'] })
  })

  test('that breaks is a refusal, and the caller has its answer', () => {
    const { flight, upstream, log } = openFlight({
      judge: () => ({
        write() {
          throw new Error('broken judge')
        },
        finish: () => good,
      }),
    })
    const listener = join(flight)
    upstream.start()
    upstream.head()
    upstream.send(bytes('a'))
    upstream.send({ end: true })
    expect([listener.bytes.toString(), listener.done]).toEqual(['a', true])
    expect(log).toMatchObject({ refused: ['internal'], settled: 1, stored: [] })
  })

  test('a caller that leaves once its answer is stored explains no retry', () => {
    const { flight, upstream, log, turn } = openTurning()
    const [early, late] = [join(flight), join(flight)]
    upstream.start()
    upstream.head()
    early.abort()
    upstream.send(bytes('[DONE]'))
    turn(good)
    late.abort()
    expect(log.failed).toBe(1)
  })
})
