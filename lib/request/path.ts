import type { Dispatcher } from 'undici'

/** Path and query of a call: `undici.request` keeps `query` apart from `path`, fetch does not. */
export function pathOf({ path, query }: Dispatcher.DispatchOptions): string {
  if (query === undefined || query === null) return path
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, String(one ?? ''))
  }
  return `${path}?${search}`
}
