/** Vectors in one block: growing copies at most this many. */
const BLOCK = 256

/**
 * Vectors of one length, one after the other, in blocks. Only the first block grows, so a partition with one question
 * needs little memory, and 20,000 vectors are never copied at once, which would take 30 ms.
 */
export class VectorRows {
  readonly dimensions: number
  readonly #blocks: Float32Array[] = []

  constructor(dimensions: number) {
    this.dimensions = dimensions
  }

  /** Sets a row; a new row must be the next one. */
  set(row: number, vector: Float32Array): void {
    const start = (row % BLOCK) * this.dimensions
    this.#blockFor(row, start + this.dimensions).set(vector, start)
  }

  get(row: number): Float32Array {
    const start = (row % BLOCK) * this.dimensions
    return this.#blockOf(row).subarray(start, start + this.dimensions)
  }

  /** The cosine of the angle between a row and a vector, both of length 1. */
  cosine(row: number, unit: Float32Array): number {
    return dotProduct(unit, this.#blockOf(row), (row % BLOCK) * this.dimensions)
  }

  #blockOf(row: number): Float32Array {
    return this.#blocks[Math.floor(row / BLOCK)] ?? NO_NUMBERS
  }

  #blockFor(row: number, size: number): Float32Array {
    const block = this.#blockOf(row)
    if (size <= block.length) return block
    const whole = BLOCK * this.dimensions
    const larger = new Float32Array(row < BLOCK ? Math.min(whole, Math.max(size, block.length * 2)) : whole)
    larger.set(block)
    this.#blocks[Math.floor(row / BLOCK)] = larger
    return larger
  }
}

const NO_NUMBERS = new Float32Array()

/** The dot product of a vector and the numbers from `start` on. */
export function dotProduct(vector: Float32Array, others: Float32Array, start: number): number {
  let sum = 0
  for (let at = 0; at < vector.length; at++) sum += (vector[at] ?? 0) * (others[start + at] ?? 0)
  return sum
}
