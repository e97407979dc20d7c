/** How long a run takes. */
export interface Pace {
  /** Rounds; each contestant has one turn in each. */
  readonly rounds: number
  /** Rounds before those, which don't count: V8 needs thousands of calls until all that they run is compiled. */
  readonly warmUp: number
  /** Milliseconds of one turn. */
  readonly turn: number
}

/** One who answers the same call as the others of its group. */
export interface Contestant {
  readonly name: string
  /** Where it does less than an HTTP answer from a read body, or works otherwise than the others. */
  readonly note?: string
  /** Puts its dispatcher in place; called before each of its turns. */
  readonly enter?: () => void
  /** One measured call. */
  readonly call: () => unknown
  /** What `call` resolves to; checked outside the measured region, before the first round and after the last. */
  readonly expected?: unknown
}

/** What a contestant's figure is held against. */
export interface Goal {
  readonly contestant: string
  readonly against: string
  /** `ratio`: figure ÷ the other's; `above`: figure − the other's; `count`: the figure itself. */
  readonly by: 'ratio' | 'above' | 'count'
  readonly limit: number
}

/** A goal and what came of it. */
export interface Outcome extends Omit<Goal, 'contestant'> {
  readonly reached: number
  readonly met: boolean
}

/** One line of the table. */
export interface Row {
  readonly door: string
  readonly contestant: string
  /** Median of `rounds`. */
  readonly median: number
  /** Its figures, one a round. */
  readonly rounds: readonly number[]
  readonly unit: 'ns' | 'µs' | 'ms' | 'bytes' | 'calls'
  /** Median of the rounds' ratios to `base`. */
  readonly ratio?: number
  readonly base?: string
  readonly outcomes: readonly Outcome[]
  readonly note?: string
}

/** One workload of the issue "Fast and bounded". */
export interface Workload {
  /** `W1` … `W12`, `EL`, `START`, `CASSETTE`. */
  readonly id: string
  readonly title: string
  run(pace: Pace): Promise<readonly Row[]>
}
