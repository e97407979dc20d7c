import { afterEach, beforeEach, describe, expect, it, type Mock, vi } from 'vitest'
import type { FinderCall, Search } from '../../../lib/finders/finder.ts'
import { leaseFinder, type Leases } from '../../../lib/finders/lease-finder.ts'
import type { Lease } from '../../../lib/stores/lease.ts'
import { entryOf } from '../../support/entry-of.ts'

interface Given {
  readonly stream?: boolean
  readonly get?: FinderCall['get']
}

/** As much of a call as this finder looks at. */
function callOf({ stream = false, get = () => undefined }: Given = {}): FinderCall {
  const plan = { join: true, read: true, write: true, only: false }
  return { key: 'a', isDurable: true, identity: { facts: { stream } }, plan, get } as unknown as FinderCall
}

interface Scripted extends Leases {
  readonly renew: Mock<Lease['renew']>
  readonly release: Mock<Lease['release']>
}

/** `answers`: what is said to the askers, one after the other; the last one again and again. */
function leases(...answers: readonly ('free' | 'taken' | undefined)[]): Scripted {
  const renew = vi.fn(async () => true)
  const release = vi.fn(async () => undefined)
  const waiting = [...answers]
  return {
    renew,
    release,
    prepareLeases: () => undefined,
    lease: async () => {
      const answer = waiting.length > 1 ? waiting.shift() : waiting[0]
      return answer === 'free' ? { renew, release } : answer
    },
    written: async () => undefined,
  }
}

function open(from: Leases, call = callOf()): Search {
  const search = leaseFinder(from).open(call)
  if (search === undefined) throw new Error('It has nothing to do with the call')
  return search
}

beforeEach(
  () =>
    void vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'performance'] }),
)
afterEach(() => void vi.useRealTimers())

describe('a lease', () => {
  it('is renewed as long as the call lasts, then given back', async () => {
    const from = leases('free')
    const search = open(from)
    expect(await search.find()).toEqual({ use: 'none' })
    search.began?.()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(from.renew).toHaveBeenCalledTimes(20)
    expect(from.release).not.toHaveBeenCalled()
    search.ended?.()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(from.renew).toHaveBeenCalledTimes(20)
    expect(from.release).toHaveBeenCalledTimes(1)
  })

  it('is given back when the answer is written, not before', async () => {
    const written = Promise.withResolvers<void>()
    const from = { ...leases('free'), written: () => written.promise }
    const search = open(from)
    await search.find()
    search.began?.()
    search.ended?.()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(from.release).not.toHaveBeenCalled()
    written.resolve()
    await vi.advanceTimersByTimeAsync(0)
    expect(from.release).toHaveBeenCalledTimes(1)
  })

  it('goes back where no call is made with it', async () => {
    const from = leases('free')
    await open(from).find()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(from.release).toHaveBeenCalledTimes(1)
  })

  it('whose renewal fails costs no more than a second call', async () => {
    const from = leases('free')
    from.renew.mockRejectedValue(new Error('gone'))
    const search = open(from)
    await search.find()
    search.began?.()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(from.renew).toHaveBeenCalledTimes(3)
  })

  it('is not used where the answer has come between the look for it and the lease', async () => {
    const from = leases('free')
    const entry = entryOf({})
    const search = open(from, callOf({ get: () => entry }))
    expect(await search.find()).toEqual({ use: 'all', entry, detail: 'cluster' })
    expect(from.release).toHaveBeenCalledTimes(1)
  })
})

describe('whoever does not get the lease', () => {
  it.each([
    [true, 1_000],
    [false, 30_000],
  ])('waits for a while only, then calls: a stream: %s, %d ms', async (stream, patience) => {
    const found = vi.fn()
    void Promise.resolve(open(leases('taken'), callOf({ stream })).find()).then(found)
    await vi.advanceTimersByTimeAsync(patience - 100)
    expect(found).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(200)
    expect(found).toHaveBeenCalledWith({ use: 'none' })
  })

  it('gets the answer when it is stored', async () => {
    const entry = entryOf({})
    let isStored = false
    const found = vi.fn()
    const call = callOf({ get: () => (isStored ? entry : undefined) })
    void Promise.resolve(open(leases('taken'), call).find()).then(found)
    await vi.advanceTimersByTimeAsync(500)
    expect(found).not.toHaveBeenCalled()
    isStored = true
    await vi.advanceTimersByTimeAsync(100)
    expect(found).toHaveBeenCalledWith({ use: 'all', entry, detail: 'cluster' })
  })

  it('calls at once where the store can not be asked', async () => {
    expect(await open(leases(undefined)).find()).toEqual({ use: 'none' })
  })
})
