import { BoundedMap } from './bounded-map.ts'

/** Longer texts are not worth sharing, and beyond this number few texts repeat. */
const MAX_LENGTH = 128
const MAX_STRINGS = 1000

/**
 * Shares one string among equal texts. A provider sends two dozen headers, three of which differ from answer to answer.
 * Sharing the others saves about 40 bytes each. The pool takes at most 128 kB.
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
