/**
 * Options of an lru-cache of at most `count` entries that grows with them. By its own `max` it sets aside room for all
 * of them when it is made: 1.5 MiB for the few that a cache has, in a process that may never make a call.
 */
export function atMost(count: number): { readonly maxSize: number; readonly sizeCalculation: () => number } {
  return { maxSize: count, sizeCalculation: () => 1 }
}
