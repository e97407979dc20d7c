import { embeddings } from '../providers/endpoints.ts'
import type { ProviderRow } from '../providers/provider.ts'

const urls = new WeakMap<object, URL>()

/** Records which URL an embedder calls, so that the cache that uses it knows this server. */
export function noteServer(embed: object, url: URL): void {
  urls.set(embed, url)
}

/** The provider rows for an embedder's server; none for an embedder that is the app's own function. */
export function embedderRows(embed: object | undefined): readonly ProviderRow[] {
  const url = embed && urls.get(embed)
  if (url === undefined) return []
  return [{ id: 'embedder', hosts: [url.origin], endpoints: [embeddings(url.pathname.replace(/\/embeddings$/, ''))] }]
}
