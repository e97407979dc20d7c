/**
 * A map that is cleared when it would exceed its limit, for values that can be computed again. Keeping an order of use
 * would cost each look-up, for a limit that apps hardly ever reach.
 */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #max: number

  /** @param max most keys */
  constructor(max: number) {
    super()
    this.#max = max
  }

  override set(key: Key, value: Value): this {
    if (this.size >= this.#max && !this.has(key)) this.clear()
    return super.set(key, value)
  }
}
