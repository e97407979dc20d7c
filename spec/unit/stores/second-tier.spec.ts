import { describe, expect, it, vi } from 'vitest'
import { accessOf, makeEntry } from '../../../lib/stores/contract.ts'
import type { Lease } from '../../../lib/stores/lease.ts'
import type { QuestionPage } from '../../../lib/stores/question.ts'
import type { QuestionStore } from '../../../lib/stores/store.ts'
import { gone, secondTier, tiersOver } from './tiers-over.ts'

describe('leases', () => {
  it('that come too late go back', async () => {
    const late = Promise.withResolvers<Lease>()
    const { tiers, onError } = tiersOver(secondTier({ lease: () => late.promise }))
    expect(await tiers.lease('a')).toBeUndefined()
    const release = vi.fn(async () => undefined)
    late.resolve({ release, renew: async () => true })
    await vi.waitFor(() => expect(release).toHaveBeenCalledTimes(1))
    expect(onError).not.toHaveBeenCalled()
  })

  it('are asked for when the store is ready for them', async () => {
    const ready = Promise.withResolvers<void>()
    const lease = vi.fn(() => undefined)
    const { tiers } = tiersOver(secondTier({ lease, prepareLeases: () => ready.promise }))
    tiers.prepareLeases()
    const asked = tiers.lease('a')
    await Promise.resolve()
    expect(lease).not.toHaveBeenCalled()
    ready.resolve()
    expect(await asked).toBe('taken')
  })

  it('are asked for all the same where that fails', async () => {
    const lease = vi.fn(() => undefined)
    const { tiers } = tiersOver(secondTier({ lease, prepareLeases: gone }))
    tiers.prepareLeases()
    expect(await tiers.lease('a')).toBe('taken')
  })

  it('are not asked for where a lookup or a write has just failed', async () => {
    const lease = vi.fn()
    const unreadable = tiersOver(secondTier({ lease, get: gone })).tiers
    unreadable.get('a')
    expect(await unreadable.lease('a')).toBeUndefined()
    const full = tiersOver(secondTier({ lease, set: gone })).tiers
    full.set(makeEntry())
    expect(await full.lease('a')).toBeUndefined()
    expect(lease).not.toHaveBeenCalled()
  })
})

describe('a pair that is rejected', () => {
  it('is owed to a store that fails, counts at once, and is passed on when the store is back', async () => {
    const pairs = new Set<string>()
    let isDown = true
    const reject = (pair: string): void => {
      if (isDown) throw new Error('down')
      pairs.add(pair)
    }
    const read = (): QuestionPage => ({ questions: [], newest: undefined, next: undefined })
    const questions = { add: () => undefined, read, reject, isRejected: (pair: string) => pairs.has(pair) }
    const { tiers, onError } = tiersOver(secondTier({ questions }))
    await tiers.reject('a-b')
    expect(onError).toHaveBeenCalledTimes(1)
    expect(await tiers.questions(undefined)?.isRejected('a-b')).toBe(true)
    await expect(tiers.flush()).rejects.toThrow('0 answers and 1 removals did not reach the store')
    isDown = false
    await vi.waitFor(() => expect([...pairs]).toEqual(['a-b']), { timeout: 5_000 })
    await tiers.flush()
  })

  it('is not known where the store does not answer in time', async () => {
    const questions = {
      add: () => undefined,
      read: () => new Promise<QuestionPage>(() => undefined),
      reject: () => undefined,
      isRejected: () => new Promise<boolean>(() => undefined),
    }
    const { tiers } = tiersOver(secondTier({ questions }))
    expect(await tiers.questions(undefined)?.isRejected('a-b')).toBeUndefined()
  })
})

describe('a question', () => {
  it('is written when its answer is, and awaited by a flush; one that is lost fails none', async () => {
    const done: string[] = []
    const answer = Promise.withResolvers<void>()
    const add = (): never => {
      done.push('question')
      throw new Error('full')
    }
    const read = (): QuestionPage => ({ questions: [], newest: undefined, next: undefined })
    const questions = { add, read, reject: () => undefined, isRejected: () => false }
    const { tiers, onError } = tiersOver(
      secondTier({ questions, set: () => answer.promise.then(() => void done.push('answer')) }),
    )
    const entry = makeEntry()
    tiers.set(entry)
    tiers.questions(undefined)?.add({ partition: 'p', text: 'a', vector: new Float32Array(), entry })
    const flushed = tiers.flush()
    expect(done).toEqual([])
    answer.resolve()
    await flushed
    expect(done).toEqual(['answer', 'question'])
    expect(onError).toHaveBeenCalledTimes(1)
  })

  it('is neither read nor written after a close, which would open the store again', async () => {
    const questions = { add: vi.fn(), read: vi.fn(), reject: vi.fn(), isRejected: vi.fn() }
    const { tiers } = tiersOver(secondTier({ questions }))
    const ofCall = tiers.questions(undefined)
    await tiers.close()
    ofCall?.add({ partition: 'p', text: 'a', vector: new Float32Array(), entry: makeEntry() })
    expect(await ofCall?.read('p', { after: undefined, before: undefined })).toBeUndefined()
    expect([questions.add, questions.read].map((asked) => asked.mock.calls)).toEqual([[], []])
  })

  it('is kept for nobody where the store seals and the caller has no secret, or keeps none', () => {
    const questions = {} as QuestionStore // nobody asks it
    expect(tiersOver(secondTier({ questions, needsSecret: true })).tiers.questions(undefined)).toBeUndefined()
    expect(tiersOver(secondTier({ questions, needsSecret: true })).tiers.questions(accessOf('a'))).toBeDefined()
    expect(tiersOver(secondTier()).tiers.questions(undefined)).toBeUndefined()
    expect(tiersOver(undefined).tiers.questions(undefined)).toBeUndefined()
  })
})
