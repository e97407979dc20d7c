/** Figures about why calls miss, and whether answers drift. */
export interface InsideCounts {
  /**
   * Explained misses by the part in which they differ from the nearest entry. At most 1,000 different parts are
   * counted.
   */
  readonly missedBy: Readonly<Record<string, number>>
  /** Explained misses that differ from an earlier call. */
  readonly explained: number
  /** By the model's name as in the call; `''` if it has none. 1,000 at most, the rest under `other`. */
  readonly drift: Readonly<Record<string, Drift>>
}

/** The main cause of the explained misses. */
export interface MissAdvice {
  /** `body metadata.trace`, `header x-release`; `[*]` stands for each item. */
  readonly part: string
  /** Share of the explained misses that differ from an earlier call, 0 … 1. */
  readonly share: number
  /** The option that leaves this part out of the key, if the part seems not to influence answers. */
  readonly option: 'ignoreFields' | 'ignoreHeaders' | undefined
}

/** Fewest misses for advice, and fewest in which the part differs. */
const ENOUGH = 10
const MOST = 0.5

/** Names of members about the caller, the time or tracing. */
const INCIDENTAL =
  /(?:^|[._-])(?:metadata|user|trace|span|session|request|run|conversation|correlation|nonce|uuid|timestamp|time|date|build|version|\w*id)(?:$|[._[-])/i

/** The part in which most explained misses differ; `undefined` if there is none, or there are too few misses. */
export function adviceOf({ missedBy, explained }: Omit<InsideCounts, 'drift'>): MissAdvice | undefined {
  if (explained < ENOUGH) return undefined
  const counts = new Map<string, number>()
  for (const [part, count] of Object.entries(missedBy)) {
    const place = part.replaceAll(/\[\d+\]/g, '[*]')
    counts.set(place, (counts.get(place) ?? 0) + count)
  }
  const [[part, count] = ['', 0]] = [...counts].toSorted(([, left], [, right]) => right - left)
  const share = Math.min(1, count / explained)
  return share < MOST ? undefined : { part, share, option: optionFor(part) }
}

function optionFor(part: string): MissAdvice['option'] {
  if (part.startsWith('header ')) return 'ignoreHeaders'
  const path = part.startsWith('body ') ? part.slice('body '.length) : ''
  return INCIDENTAL.test(path) && !path.endsWith(']') ? 'ignoreFields' : undefined
}

const MAX_PARTS = 1000

/** Results of repeating hits of one model against the provider (option `revalidateShare`). */
export interface Drift {
  /** Hits that were repeated. */
  readonly checked: number
  /** The answer was the same: finish reason, tool calls, text. */
  readonly equal: number
  /** The answer was different. */
  readonly different: number
  /** There was no complete answer to compare. */
  readonly failed: number
}

const NO_DRIFT: Drift = Object.freeze({ checked: 0, equal: 0, different: 0, failed: 0 })
const MAX_MODELS = 1000

/** Counts for {@link InsideCounts}. */
export class InsideCounters {
  readonly #parts = new Map<string, number>()
  readonly #drift = new Map<string, Drift>()
  #explained = 0

  /** Counts an explained miss and the parts in which it differs. */
  missed(differs: readonly string[]): void {
    if (differs.length > 0) this.#explained++
    for (const part of differs) {
      const before = this.#parts.get(part) ?? 0
      if (before > 0 || this.#parts.size < MAX_PARTS) this.#parts.set(part, before + 1)
    }
  }

  /** Counts a repeated hit. */
  drifted(model: string | undefined, result: 'equal' | 'different' | 'failed'): void {
    const name = this.#drift.has(model ?? '') || this.#drift.size < MAX_MODELS ? (model ?? '') : 'other'
    const before = this.#drift.get(name) ?? NO_DRIFT
    this.#drift.set(name, { ...before, checked: before.checked + 1, [result]: before[result] + 1 })
  }

  snapshot(): InsideCounts {
    const [missedBy, drift] = [Object.fromEntries(this.#parts), Object.fromEntries(this.#drift)]
    return { missedBy, explained: this.#explained, drift }
  }
}
