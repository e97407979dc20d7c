import { crossModeFinder } from '../convert/cross-mode-finder.ts'
import { leaseFinder } from '../finders/lease-finder.ts'
import { embeddingsFinder } from '../embeddings/embeddings-finder.ts'
import type { Finder } from '../finders/finder.ts'
import type { ResolvedOptions } from '../options/options.ts'
import type { Tiers } from '../stores/tiers.ts'
import type { SemanticFinder } from '../semantic/semantic-finder.ts'
import type { Counters } from '../telemetry/counters.ts'

/** The finders of one cache, in the order in which they are asked. Only this place lists them. */
export function createFinders(
  options: ResolvedOptions,
  counters: Counters,
  tiers: Tiers,
  semantic: SemanticFinder | undefined,
): readonly Finder[] {
  const { maxEntrySize } = options
  const embeddings = options.embeddings === 'items' ? [embeddingsFinder({ maxEntrySize, counters })] : []
  const cluster = options.coalesce === 'cluster' ? [leaseFinder(tiers)] : []
  // Finders of equal calls come before the finder of similar ones. The lease is last: it is for calls that no finder
  // has answered.
  const similar = semantic === undefined ? [] : [semantic]
  return [...embeddings, crossModeFinder({ maxEntrySize }), ...similar, ...cluster]
}
