import NodeFetchCache, { MemoryCache } from 'node-fetch-cache'
import { HEADERS, PATH } from '../doors.ts'
import type { Peer } from './peer.ts'

/** node-fetch with a cache. */
export const nodeFetchCache: Peer = {
  name: 'node-fetch-cache',
  note: "node-fetch, not the app's fetch",
  gives: 'bytes',
  open({ origin }) {
    const fetch = NodeFetchCache.create({ cache: new MemoryCache() })
    return {
      async call(parameters) {
        const response = await fetch(origin + PATH, {
          method: 'POST',
          headers: HEADERS,
          body: JSON.stringify(parameters),
        })
        return new Uint8Array(await response.arrayBuffer())
      },
    }
  },
}
