import { BoundedMap } from './bounded-map.ts'

/** Texts beyond these bounds are not worth sharing, or are too many to be the same again. */
const MAX_LENGTH = 128
const MAX_STRINGS = 1000

/**
 * One string for equal texts. A provider sends two dozen headers of which three differ from answer to answer: sharing
 * the rest saves about 40 bytes each. What it holds is bounded: 128 kB.
 */
export class StringPool {
  readonly #strings = new BoundedMap<string, string>(MAX_STRINGS)

  /** The text itself, or one that is equal to it. */
  intern(text: string): string {
    if (text.length > MAX_LENGTH) return text
    const known = this.#strings.get(text)
    if (known !== undefined) return known
    this.#strings.set(text, text)
    return text
  }
}
