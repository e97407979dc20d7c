/**
 * Options of an lru-cache with at most `count` entries that grows as needed. With its own `max` it would allocate all
 * of them at once: 1.5 MiB for the few caches here, in a process that may never make a call.
 */
export function atMost(count: number): { readonly maxSize: number; readonly sizeCalculation: () => number } {
  return { maxSize: count, sizeCalculation: () => 1 }
}
