import { queryObjects } from 'node:v8'
import { describe, expect, it } from 'vitest'
import { createContext } from '../../../lib/call/context.ts'
import { keepCompiled, objectsOfHit } from '../../../lib/call/keep-compiled.ts'
import { createInterceptor } from '../../../lib/interceptor.ts'
import { resolveOptions } from '../../../lib/options/resolve-options.ts'
import { Replay } from '../../../lib/replay/replay.ts'

const CLASSES = ['Call', 'HeaderReader', 'IdentifiedCall', 'Lookup', 'Replay', 'StoredRecording']

describe('keepCompiled', () => {
  it.each([
    { options: 'the defaults', given: {} },
    { options: 'a policy that would not cache it', given: { policy: 'opt-in' as const } },
    { options: 'several samples', given: { samples: 3 } },
  ])('are one object of each class that a hit makes, with $options', ({ given }) => {
    const context = createContext(resolveOptions(given))
    const names = objectsOfHit(context).map((one) => one.constructor.name)
    expect(names.toSorted()).toEqual(CLASSES)
  })

  it('never ask the identity of the app, and leave no trace in the figures', () => {
    const context = createContext(
      resolveOptions({
        identity: () => {
          throw new Error('asked')
        },
      }),
    )
    expect(objectsOfHit(context)).toHaveLength(CLASSES.length)
    expect(context.counters.snapshot(context.tiers.memory.count, context.tiers.memory.size)).toMatchObject({
      hits: 0,
      misses: 0,
      entries: 0,
      bypasses: {},
    })
    expect(context.flights.size).toBe(0)
  })

  it('are made with the first LLM call, and live as long as the cache is in use', () => {
    const context = createContext(resolveOptions({}))
    const dispatch = createInterceptor(context)(() => true)
    const call = (path: string): boolean => dispatch({ origin: 'https://api.openai.com', path, method: 'POST' }, {})
    const before = queryObjects(Replay, { format: 'count' })
    call('/v1/files')
    expect(queryObjects(Replay, { format: 'count' })).toBe(before)
    call('/v1/chat/completions')
    expect(queryObjects(Replay, { format: 'count' })).toBe(before + 1)
    expect(context.closed).toBe(false)
  })

  it('cost no call its answer where they can not be made', () => {
    const context = createContext(resolveOptions({}))
    const broken = {
      ...context,
      classifierOf: () => {
        throw new Error('broken')
      },
    }
    expect(() => keepCompiled(broken)).not.toThrow()
  })
})
