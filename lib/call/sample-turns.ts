import { LRUCache } from 'lru-cache'

/** Whose turn it is among the samples of each prompt, once all of them are there. */
export class SampleTurns {
  readonly #turns = new LRUCache<string, number>({ max: 10_000 })

  /** 0, 1, 2 … for each prompt. */
  next(key: string): number {
    const turn = this.#turns.get(key) ?? 0
    this.#turns.set(key, turn + 1)
    return turn
  }
}
