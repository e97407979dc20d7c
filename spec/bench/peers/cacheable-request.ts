import { once } from 'node:events'
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import CacheableRequest from 'cacheable-request'
import { HEADERS, PATH } from '../doors.ts'
import type { Peer } from './peer.ts'

/** What got caches with. */
export const cacheableRequest: Peer = {
  name: 'cacheable-request',
  note: 'node:http; POST only because this provider sends max-age, which no real one does',
  gives: 'bytes',
  open({ origin }) {
    const cacheable = new CacheableRequest(request)
    const cached = cacheable.request()
    cacheable.cache.setMaxListeners(Infinity)
    const url = new URL(origin)
    const target = { protocol: url.protocol, hostname: url.hostname, port: url.port, path: PATH, method: 'POST' }
    return {
      // It leaves one behind at each call, and each makes the next call slower.
      enter: () => cacheable.cache.removeAllListeners('error'),
      async call(parameters) {
        const body = Buffer.from(JSON.stringify(parameters))
        const emitter = cached({ ...target, headers: HEADERS, body })
        emitter.on('request', (live) => live.end(body))
        const [response] = await once(emitter, 'response')
        return buffer(response)
      },
    }
  },
}
