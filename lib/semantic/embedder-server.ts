import { embeddings } from '../providers/endpoints.ts'
import type { ProviderRow } from '../providers/provider.ts'

const urls = new WeakMap<object, URL>()

/** Notes which URL an embedder calls, so that a cache that it belongs to knows the server. */
export function noteServer(embed: object, url: URL): void {
  urls.set(embed, url)
}

/** The provider rows of an embedder's server; none for an embedder that is a function of the app's own. */
export function embedderRows(embed: object | undefined): readonly ProviderRow[] {
  const url = embed && urls.get(embed)
  if (url === undefined) return []
  return [{ id: 'embedder', hosts: [url.origin], endpoints: [embeddings(url.pathname.replace(/\/embeddings$/, ''))] }]
}
