import { describe, expect, test } from 'vitest'
import { bestStep, type MeasuredPair, sampleFor, stepsOf, wilson } from '../../../lib/semantic/calibration.ts'

function pair(similarity: number, same: boolean, isLetThrough = true): MeasuredPair {
  return { similarity, same, isLetThrough }
}

function best(pairs: readonly MeasuredPair[], maxWrong = 0): unknown {
  return bestStep(stepsOf(pairs), maxWrong)
}

describe("a share's interval", () => {
  // https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval, and R's prop.test(…, correct = FALSE)
  test.each([
    [0, 10, 0, 0.277_533],
    [5, 100, 0.021_543, 0.111_751],
    [50, 100, 0.403_832, 0.596_168],
    [10, 10, 0.722_467, 1],
    [0, 0, 0, 1],
  ])('of %i of %i', (count, total, from, to) => {
    const interval = wilson(count, total)
    expect(interval[0]).toBeCloseTo(from, 5)
    expect(interval[1]).toBeCloseTo(to, 5)
  })

  test('is below the limit from as many right answers on as are given', () => {
    for (const limit of [0.001, 0.01, 0.2]) {
      const needed = sampleFor(limit)
      expect(wilson(0, needed)[1]).toBeLessThanOrEqual(limit)
      expect(wilson(0, needed - 1)[1]).toBeGreaterThan(limit)
    }
  })
})

describe('the best threshold', () => {
  test('is the highest that finds all, if nothing is wrong', () => {
    expect(best([pair(0.95, true), pair(0.901, true), pair(0.5, false)])).toMatchObject({
      threshold: 0.901,
      found: 2,
      wrong: 0,
    })
  })

  test('is above a wrong one, unless so many may be wrong', () => {
    const pairs = [pair(0.95, true), pair(0.93, false), pair(0.92, true), pair(0.91, true)]
    expect(best(pairs)).toMatchObject({ threshold: 0.95, found: 1 })
    expect(best(pairs, 0.25)).toMatchObject({ threshold: 0.91, found: 3, wrong: 1, wrongShare: 0.25 })
  })

  test('does not count what the guard keeps apart', () => {
    expect(best([pair(0.9, true), pair(0.99, false, false), pair(0.8, true, false)])).toMatchObject({
      threshold: 0.9,
      found: 1,
      wrong: 0,
    })
  })

  test('does not exist where a wrong one is nearest, or none is the same', () => {
    expect(best([pair(0.99, false), pair(0.9, true)])).toBeUndefined()
    expect(best([pair(0.99, false)], 0.9)).toBeUndefined()
  })

  test('takes equal vectors for equal, whatever single precision makes of them', () => {
    expect(best([pair(0.999_999_9, true)])).toMatchObject({ threshold: 1, found: 1 })
  })
})
