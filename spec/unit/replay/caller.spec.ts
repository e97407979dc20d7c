import { expect, test } from 'vitest'
import { Caller, type Source } from '../../../lib/replay/caller.ts'
import { flattenHeaders } from '../../../lib/undici/head.ts'
import { Listener, settled } from '../../behaviour/flight/scripted.ts'

const HEAD = { status: 200, statusText: 'OK', headers: ['X-A', '1', 'x-a', '2'] }

function sourceOf(heard: string[]): Source {
  return {
    onResume: () => void heard.push('resumed'),
    onPause: () => void heard.push('paused'),
    onLeave: ({ message }) => void heard.push(`left: ${message}`),
  }
}

test('a head gives undici both: raw headers as bytes, and an object with repeated fields in a list', () => {
  let seen: unknown
  const caller = new Caller({ onResponseStart: (_controller, _status, headers) => void (seen = headers) })
  caller.head(HEAD)
  expect(seen).toEqual({ 'x-a': ['1', '2'] })
  expect(flattenHeaders(caller.rawHeaders)).toEqual(HEAD.headers)
})

test('an abort is reported once, to the handler and then to the source, and nothing comes after it', () => {
  const heard: string[] = []
  const listener = new Listener()
  const { caller } = listener
  caller.source = sourceOf(heard)
  caller.abort(new Error('first'))
  caller.abort(new Error('second'))
  caller.head(HEAD)
  caller.data(Buffer.from('a'))
  caller.end()
  caller.fail(new Error('late'))
  expect(listener.told).toEqual(['error'])
  expect(heard).toEqual(['left: first'])
  expect(caller).toMatchObject({ aborted: true, done: true, reason: new Error('first') })
})

test('after a normal end an abort changes nothing: aborted is false', () => {
  const heard: string[] = []
  const { caller, told } = new Listener()
  caller.source = sourceOf(heard)
  caller.head(HEAD)
  caller.end()
  caller.abort(new Error('late'))
  expect([caller.aborted, caller.reason, told, heard]).toEqual([false, null, ['head 200', 'end'], []])
})

test('pause and resume are passed on once each, and no more when it is over', () => {
  const heard: string[] = []
  const { caller } = new Listener()
  caller.source = sourceOf(heard)
  caller.resume()
  caller.pause()
  caller.pause()
  caller.resume()
  caller.resume()
  expect(heard).toEqual(['paused', 'resumed'])
  caller.end()
  caller.pause()
  expect([heard.length, caller.paused]).toEqual([2, false])
})

test.for(['end', 'fail', 'abort'] as const)(
  'lets go of its source after %s: an app may keep its response',
  (ending) => {
    const { caller } = new Listener()
    caller.source = sourceOf([])
    if (ending === 'end') caller.end()
    else caller[ending](new Error('over'))
    expect(caller.source).toBeUndefined()
  },
)

test.for([
  'onRequestStart',
  'onResponseStart',
  'onResponseData',
  'onResponseEnd',
  'onBodySent',
  'onRequestSent',
] as const)('what the handler throws in %s is the error of its own answer', async (member) => {
  const errors: string[] = []
  const caller = new Caller({
    [member]: () => {
      throw new Error('thrown')
    },
    onResponseError: (_controller, { message }) => void errors.push(message),
  })
  caller.start()
  caller.bodySent(Buffer.from('a'))
  caller.requestSent()
  caller.head(HEAD)
  caller.data(Buffer.from('a'))
  caller.end()
  expect(caller.done).toBe(true)
  await settled()
  expect(errors).toEqual(['thrown'])
})

test('an error is reported a turn after the head, since fetch misses one in the same turn; an abort at once', async () => {
  const failed = new Listener()
  failed.caller.head(HEAD)
  failed.caller.fail(new Error('reset'))
  failed.caller.fail(new Error('again'))
  expect([failed.told, failed.caller.done]).toEqual([['head 200'], true])
  const left = new Listener()
  left.caller.head(HEAD)
  left.abort()
  expect(left.told).toEqual(['head 200', 'error'])
  await settled()
  expect([failed.told, failed.error]).toEqual([['head 200', 'error'], new Error('reset')])
  expect(left.told).toEqual(['head 200', 'error'])
})

test('an abort without a reason is reported as one', () => {
  const { caller, error } = leftWithoutReason()
  expect(error).toMatchObject({ name: 'AbortError' })
  expect(caller.reason).toBe(error)
})

/** undici's readers give none when they are destroyed. */
function leftWithoutReason(): Listener {
  const listener = new Listener()
  Reflect.apply(listener.caller.abort, undefined, [])
  return listener
}

test('a context that a live call adds later lands in the object that the handler was given', () => {
  let kept: unknown
  const caller = new Caller({ onRequestStart: (_controller, context) => void (kept = context) })
  caller.start()
  caller.extendContext({ history: ['https://a.example'] })
  expect(kept).toEqual({ history: ['https://a.example'] })
})
