import { describe, expect, test } from 'vitest'
import { isLetThrough } from '../../../lib/semantic/guard.ts'
import { differentFamilies, sameFamilies } from '../../support/questions/families.ts'
import { differentQuestions, type QuestionPair, sameQuestions } from '../../support/questions/questions.ts'

/** As near as vectors get: the guard is alone. */
const NEAR = 0.999

function isFound({ a, b }: QuestionPair): boolean {
  return isLetThrough(a, b, NEAR) && isLetThrough(b, a, NEAR)
}

function isEverFound({ a, b }: QuestionPair): boolean {
  return isLetThrough(a, b, NEAR) || isLetThrough(b, a, NEAR)
}

describe('of questions that people ask', () => {
  test('none is answered from another one that wants another answer', () => {
    const pairs = differentQuestions()
    expect(pairs.length).toBeGreaterThan(500)
    expect(pairs.filter(isEverFound)).toEqual([])
  })

  test('three in four are found in other words', () => {
    const pairs = sameQuestions()
    expect(pairs.length).toBeGreaterThan(200)
    expect(pairs.filter(isFound).length / pairs.length).toBeGreaterThan(0.74)
  })
})

describe('of generated questions', () => {
  test('none is answered from another one that wants another answer', () => {
    const pairs = differentFamilies()
    expect(pairs.length).toBeGreaterThan(5_000)
    expect(pairs.filter(isEverFound)).toEqual([])
  })

  test('every known way to ask the same is found', () => {
    const pairs = sameFamilies()
    expect(pairs.length).toBeGreaterThan(1_500)
    expect(pairs.filter((pair) => !isFound(pair))).toEqual([])
  })
})
