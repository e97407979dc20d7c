/**
 * A map that forgets everything when one key too many comes: for what can be found out again. Keeping an order of use
 * would cost each look-up, for a bound that apps hardly ever reach.
 */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #max: number

  /** `max`: keys that it holds at most. */
  constructor(max: number) {
    super()
    this.#max = max
  }

  override set(key: Key, value: Value): this {
    if (this.size >= this.#max && !this.has(key)) this.clear()
    return super.set(key, value)
  }
}
