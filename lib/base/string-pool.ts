import { BoundedMap } from './bounded-map.ts'

/** A longer text is not worth sharing, and among more texts than these few come again. */
const MAX_LENGTH = 128
const MAX_STRINGS = 1000

/**
 * One string for equal texts. A provider sends two dozen headers, of which three differ from answer to answer. Sharing
 * the others saves about 40 bytes each. The pool holds 128 kB at most.
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
