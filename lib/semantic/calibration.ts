/** Two texts of which somebody has said whether they ask the same, and how near their vectors are. */
export interface MeasuredPair {
  readonly same: boolean
  /** Cosine of the angle between the two vectors, -1 … 1. */
  readonly similarity: number
  /** Whether the guard takes them for the same. */
  readonly isLetThrough: boolean
}

/** What a threshold does to a list of pairs. */
export interface Step {
  readonly threshold: number
  /** Pairs that would be answered from each other, and are the same. */
  readonly found: number
  /** Those that are not. */
  readonly wrong: number
  /** Share of the wrong ones among both, 0 … 1; 0 where there are none. */
  readonly wrongShare: number
  /** Where that share lies in all likelihood (95 %). */
  readonly interval: readonly [from: number, to: number]
}

/** Digits behind the point of a threshold, as `x-llm-cache-similarity` has them. */
const GRID = 1000

/** Below it two texts are about other things, whatever a list of pairs says. */
const LEAST = 0.5

/** What each threshold from 1 down to 0.5 does, in steps of 0.001. */
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

/** Equal vectors have a cosine of a little less than 1. */
const ROUNDING = 1e-5

/**
 * The threshold that finds most of the pairs that are the same, where no larger share than `maxWrong` (0 … 1) of all that it
 * takes for the same is wrong; the highest of those that do so. `undefined` where none finds any.
 */
export function bestStep(steps: readonly Step[], maxWrong: number): Step | undefined {
  let best: Step | undefined
  for (const step of steps) {
    if (step.found > (best?.found ?? 0) && step.wrongShare <= maxWrong) best = step
  }
  return best
}

/** Of the normal distribution: 95 % lie within so many standard deviations. */
const Z = 1.959964

/**
 * Wilson's score interval of a share: where the true one lies in 95 of 100 samples like this.
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

/** How many answers without a wrong one it takes until the share of wrong ones is below `maxWrong` in all likelihood. */
export function sampleFor(maxWrong: number): number {
  return Math.ceil((Z ** 2 * (1 - maxWrong)) / maxWrong)
}
