/**
 * Writes over what stands at places of a body, in a part of it that begins at byte `from`.
 *
 * @param places what, first byte, byte behind the last, what …; in the order of the body
 * @param values by what; as long as the place
 */
export function writeOver(
  part: Uint8Array,
  from: number,
  places: Uint32Array,
  values: readonly (Uint8Array | undefined)[],
): void {
  const to = from + part.length
  for (let at = firstBehind(places, from); at < places.length; at += 3) {
    const start = places[at + 1] ?? to
    if (start >= to) return
    const value = values[places[at] ?? 0]
    if (value !== undefined) writeAt(part, start - from, value)
  }
}

/** What is outside of the part is not written: a block may end inside of a value. */
function writeAt(part: Uint8Array, start: number, value: Uint8Array): void {
  // `set` takes 15 ns for an id, byte by byte it takes 30.
  if (start >= 0 && start + value.length <= part.length) return part.set(value, start)
  const from = Math.max(0, -start)
  part.set(value.subarray(from, part.length - start), start + from)
}

/** The first place that ends behind byte `from`. */
function firstBehind(places: Uint32Array, from: number): number {
  let low = 0
  let high = places.length / 3
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle * 3 + 2] ?? 0) <= from) low = middle + 1
    else high = middle
  }
  return low * 3
}
