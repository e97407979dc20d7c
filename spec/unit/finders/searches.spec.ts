import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Finder, FinderCall, Found, Search } from '../../../lib/finders/finder.ts'
import { exactFields, Searches } from '../../../lib/finders/searches.ts'
import type { Entry } from '../../../lib/stores/entry.ts'
import { entryOf } from '../../support/entry-of.ts'

/** No finder here looks at the call. */
const CALL = {} as FinderCall
const ENTRY = entryOf({})
const FOUND: Found = { use: 'all', entry: ENTRY }
const NONE: Found = { use: 'none' }

function finder(search: Partial<Search> | undefined, rest: Partial<Finder> = {}): Finder {
  return { name: 'scripted', open: () => search && { find: () => NONE, ...search }, ...rest }
}

function never(): never {
  throw new Error('broken')
}

/** The errors that are told while the running spec lasts. */
function listen(): unknown[] {
  const told: unknown[] = []
  const hear = (message: unknown): void => void told.push(message)
  subscribe('undici-llm-cache:error', hear)
  onTestFinished(() => void unsubscribe('undici-llm-cache:error', hear))
  return told
}

describe('finders', () => {
  it('are asked one after the other until one has something, at once where all is at hand', () => {
    const searches = new Searches([finder({}), finder({ find: () => FOUND }), finder({ find: never })], CALL)
    expect(searches.find()).toBe(FOUND)
  })

  it('wait for one that takes its time, before the next is asked', async () => {
    const steps: string[] = []
    const slow = finder({
      find: async () => {
        await Promise.resolve()
        steps.push('slow')
        return NONE
      },
    })
    const next = finder({ find: () => (steps.push('next'), FOUND) })
    expect([await new Searches([slow, next], CALL).find(), steps]).toEqual([FOUND, ['slow', 'next']])
  })

  it('have the first word of why there is nothing, where none has anything', async () => {
    const first = finder({ find: () => ({ use: 'none', detail: 'lossy' }) })
    const later = finder({ find: () => Promise.resolve<Found>({ use: 'none', detail: 'later' }) })
    expect(await new Searches([finder({}), first, later, finder({})], CALL).find()).toEqual({
      use: 'none',
      detail: 'lossy',
    })
    expect(await new Searches([finder({}), later, first], CALL).find()).toEqual({ use: 'none', detail: 'later' })
    expect(new Searches([first, finder({ find: () => FOUND })], CALL).find()).toBe(FOUND)
  })

  it('that have nothing to do with a call are not asked', () => {
    expect(new Searches([finder(undefined)], CALL).isEmpty).toBe(true)
    expect(new Searches([finder({})], CALL).isEmpty).toBe(false)
  })

  it.each<[string, Finder]>([
    ['cannot open', finder({}, { open: never })],
    ['throw', finder({ find: never })],
    ['reject', finder({ find: () => Promise.reject(new Error('broken')) })],
  ])('that %s count as nothing found, and are told', async (_, broken) => {
    const told = listen()
    expect(await new Searches([broken, finder({ find: () => FOUND })], CALL).find()).toBe(FOUND)
    expect(told).toMatchObject([{ where: 'finder', reason: 'internal', error: new Error('broken') }])
  })

  it('settle what is stored one after the other, until one wants nothing stored', () => {
    const tag = (tag: string) => (entry: Entry) => ({ ...entry, tags: [...entry.tags, tag] })
    const all = [finder({ settle: tag('a') }), finder({}), finder({ settle: tag('b') })]
    expect(new Searches(all, CALL).settle(ENTRY)?.tags).toEqual(['a', 'b'])
    const wary = finder({ settle: () => undefined })
    expect(new Searches([wary, finder({ settle: never })], CALL).settle(ENTRY)).toBeUndefined()
  })

  it('that break when they learn of a stored answer do not keep the others from it', () => {
    const heard: Entry[] = []
    listen()
    new Searches([finder({ stored: never }), finder({ stored: (entry) => void heard.push(entry) })], CALL).stored(ENTRY)
    expect(heard).toEqual([ENTRY])
  })

  it('may add header fields to an exact hit', () => {
    const some = finder({}, { exactFields: () => ['x-llm-cache-similarity', '1'] })
    listen()
    expect(exactFields([finder({}), some, finder({}, { exactFields: never })], CALL)).toEqual([
      'x-llm-cache-similarity',
      '1',
    ])
  })
})
