import type { MeasuredPair } from '../../semantic/calibration.ts'
import type { Embed } from '../../semantic/embedding.ts'
import { isLetThrough } from '../../semantic/guard.ts'
import type { Pair } from './pairs-file.ts'

/** Texts in one call of the embedder: as many as a cache sends at most. */
const BATCH = 64

/** Embeds every text once, and compares the texts of each pair as a cache would. */
export async function measurePairs(
  pairs: readonly Pair[],
  embed: Embed,
  withGuard: boolean,
): Promise<readonly MeasuredPair[]> {
  const vectors = await embedAll([...new Set(pairs.flatMap(({ a, b }) => [a, b]))], embed)
  return pairs.map(({ a, b, same }) => {
    const similarity = cosine(vectors.get(a) ?? [], vectors.get(b) ?? [])
    return { same, similarity, isLetThrough: !withGuard || isLetThrough(a, b, similarity) }
  })
}

async function embedAll(texts: readonly string[], embed: Embed): Promise<ReadonlyMap<string, ArrayLike<number>>> {
  const known = new Map<string, ArrayLike<number>>()
  for (let from = 0; from < texts.length; from += BATCH) {
    const part = texts.slice(from, from + BATCH)
    const vectors = await embed(part)
    if (!Array.isArray(vectors) || vectors.length !== part.length) {
      throw new Error(`the embedder gave no list of ${part.length} vectors for as many texts`)
    }
    for (const [at, text] of part.entries()) known.set(text, vectors[at] ?? [])
  }
  return known
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [product, left, right] = [0, 0, 0]
  for (let at = 0; at < a.length; at++) {
    const [one, other] = [a[at] ?? 0, b[at] ?? 0]
    product += one * other
    left += one * one
    right += other * other
  }
  const similarity = product / Math.sqrt(left * right)
  if (a.length !== b.length || !Number.isFinite(similarity)) {
    throw new Error('the embedder gave a vector without a direction, or vectors of different lengths')
  }
  return similarity
}
