import axios from 'axios'
import { buildMemoryStorage, setupCache } from 'axios-cache-interceptor'
import { HEADERS, PATH } from '../doors.ts'
import type { Peer } from './peer.ts'

/** axios with a cache, POST switched on. */
export const axiosCache: Peer = {
  name: 'axios-cache-interceptor',
  note: 'axios over node:http; every hit hands out the one cached Buffer, without reading a body',
  gives: 'bytes',
  open({ origin }) {
    const client = setupCache(axios.create({ proxy: false }), {
      methods: ['get', 'post'],
      interpretHeader: false,
      storage: buildMemoryStorage(false, 3_600_000, 100_000),
    })
    return {
      async call(parameters) {
        const init = { headers: HEADERS, responseType: 'arraybuffer' } as const
        return (await client.post<Buffer>(origin + PATH, parameters, init)).data
      },
    }
  },
}
