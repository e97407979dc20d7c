import { Agent, cacheStores, fetch, interceptors, setGlobalDispatcher } from 'undici'
import { hash } from 'node:crypto'
import type { ChatParameters } from '../answer.ts'
import { npmFetch, PATH } from '../doors.ts'
import type { Peer } from './peer.ts'

/** undici's own HTTP cache. It refuses POST, so a GET whose query names the prompt stands in for it. */
export const undiciCache: Peer = {
  name: 'undici interceptors.cache',
  note: 'GET only: no body to read or hash; fetch of undici',
  gives: 'bytes',
  door: npmFetch.name,
  open({ origin }) {
    const agent = new Agent()
    const store = new cacheStores.MemoryCacheStore({ maxSize: 2 ** 30, maxEntrySize: 2 ** 26, maxCount: 100_000 })
    const dispatcher = agent.compose(interceptors.cache({ store }))
    const urls = new WeakMap<ChatParameters, string>()
    return {
      enter: () => setGlobalDispatcher(dispatcher),
      async call(parameters) {
        const url = urls.get(parameters) ?? `${origin}${PATH}?prompt=${hash('sha256', JSON.stringify(parameters))}`
        urls.set(parameters, url)
        return new Uint8Array(await (await fetch(url)).arrayBuffer())
      },
      close: () => agent.destroy(),
    }
  },
}
