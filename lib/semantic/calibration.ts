/** Two texts: whether they ask the same according to a person, and how similar their vectors are. */
export interface MeasuredPair {
  readonly same: boolean
  /** Cosine of the angle between the two vectors, -1 … 1. */
  readonly similarity: number
  /** Whether the guard accepts them as the same question. */
  readonly isLetThrough: boolean
}

/** The effect of a threshold on a list of pairs. */
export interface Step {
  readonly threshold: number
  /** Pairs that would share an answer, and do ask the same. */
  readonly found: number
  /** Pairs that would share an answer, but do not ask the same. */
  readonly wrong: number
  /** `wrong` as a share of `found + wrong`, 0 … 1; 0 if both are 0. */
  readonly wrongShare: number
  /** The 95 % confidence interval of `wrongShare`. */
  readonly interval: readonly [from: number, to: number]
}

/** Steps between 0 and 1: thresholds have three decimals, like `x-llm-cache-similarity`. */
const GRID = 1000

/** The lowest threshold. Below it two texts are about different things, whatever a list of pairs says. */
const LEAST = 0.5

/** The effect of each threshold from 1 down to 0.5, in steps of 0.001. */
export function stepsOf(pairs: readonly MeasuredPair[]): Step[] {
  const asked = pairs.filter(({ isLetThrough }) => isLetThrough).toSorted((a, b) => b.similarity - a.similarity)
  const steps: Step[] = []
  let [at, found, wrong] = [0, 0, 0]
  for (let mill = GRID; mill >= LEAST * GRID; mill--) {
    const threshold = mill / GRID
    for (let pair = asked[at]; pair !== undefined && pair.similarity >= threshold - ROUNDING; pair = asked[++at]) {
      if (pair.same) found++
      else wrong++
    }
    const wrongShare = wrong === 0 ? 0 : wrong / (found + wrong)
    steps.push({ threshold, found, wrong, wrongShare, interval: wilson(wrong, found + wrong) })
  }
  return steps
}

/** Tolerance: equal vectors have a cosine slightly below 1. */
const ROUNDING = 1e-5

/**
 * The threshold that finds the most pairs with a `wrongShare` of at most `maxWrong` (0 … 1); of several, the highest.
 * `undefined` if none finds a pair.
 */
export function bestStep(steps: readonly Step[], maxWrong: number): Step | undefined {
  let best: Step | undefined
  for (const step of steps) {
    if (step.found > (best?.found ?? 0) && step.wrongShare <= maxWrong) best = step
  }
  return best
}

/** Standard deviations around the mean that hold 95 % of a normal distribution. */
const Z = 1.959964

/**
 * Wilson's score interval: the 95 % confidence interval of the share `count / total`.
 *
 * https://doi.org/10.1080/01621459.1927.10502953
 */
export function wilson(count: number, total: number): readonly [from: number, to: number] {
  if (total === 0) return [0, 1]
  const share = count / total
  const scale = 1 + Z ** 2 / total
  const middle = (share + Z ** 2 / (2 * total)) / scale
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2))
  return [count === 0 ? 0 : Math.max(0, middle - half), count === total ? 1 : Math.min(1, middle + half)]
}

/** How many shared answers, all of them right, are needed before the interval ends at `maxWrong`. */
export function sampleFor(maxWrong: number): number {
  return Math.ceil((Z ** 2 * (1 - maxWrong)) / maxWrong)
}
