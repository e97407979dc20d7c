import { BoundedMap } from '../base/bounded-map.ts'
import type { Removal } from './removal.ts'

/** Removals that may be remembered. One that is forgotten counts as another process's: a miss at worst. */
const MAX = 1_000

/** The removals that this process has made, and will hear of from its store. */
export class OwnRemovals {
  readonly #texts = new BoundedMap<string, true>(MAX)

  add(removal: Removal): void {
    this.#texts.set(JSON.stringify(removal), true)
  }

  /** A removal that the store tells of, with whether it is one of these. */
  mark(removal: Removal): Removal {
    return this.#texts.delete(JSON.stringify(removal)) ? { ...removal, isOwn: true } : removal
  }
}
