import { describe, expect, test } from 'vitest'
import { setUpMatching } from '../behaviour/semantic/asking.ts'
import { sentenceEmbedder } from '../support/embedders.ts'
import { differentFamilies } from '../support/questions/families.ts'
import { differentQuestions, type QuestionPair, sameQuestions } from '../support/questions/questions.ts'

const MINUTES = 60_000

/** Which pairs a cache with a real embedder and the default threshold answers from each other. Each pair is alone there. */
async function findMatches(pairs: readonly QuestionPair[]): Promise<QuestionPair[]> {
  const { ask, cache } = await setUpMatching({ embed: sentenceEmbedder, id: 'use-lite', timeout: 60 })
  const found: QuestionPair[] = []
  for (const [at, pair] of pairs.entries()) {
    const asked = { fields: { user: `${at}`, temperature: 0 } }
    await ask(pair.a, asked)
    if ((await ask(pair.b, asked)).cache === 'HIT') found.push(pair)
  }
  expect(cache.stats().semantic?.accepted).toBe(found.length)
  return found
}

/** Every n-th. */
function sampleOf<T>(all: readonly T[], n: number): T[] {
  return all.filter((_, at) => at % n === 0)
}

describe('with a real embedder and the default settings', () => {
  test('no question is answered from one that wants another answer', { timeout: 10 * MINUTES }, async () => {
    expect(await findMatches(differentQuestions())).toEqual([])
  })

  test('no generated question is, either', { timeout: 10 * MINUTES }, async () => {
    expect(await findMatches(sampleOf(differentFamilies(), 10))).toEqual([])
  })

  test('more than a quarter is found in other words', { timeout: 10 * MINUTES }, async () => {
    const pairs = sameQuestions()
    const share = (await findMatches(pairs)).length / pairs.length
    console.log(`Paraphrases found: ${(share * 100).toFixed(0)} % of ${pairs.length}`)
    expect(share).toBeGreaterThan(0.25)
  })
})
