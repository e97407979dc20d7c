import type { Dispatcher } from 'undici'
import { createLlmCache } from '../../lib/index.ts'
import { NAMES } from './bed.ts'
import { compare } from './compare.ts'
import type { Interceptor } from './floor.ts'
import type { Row, Workload } from './workload.ts'

type Options = Dispatcher.DispatchOptions

const BASE = 'empty interceptor'
const empty: Interceptor = (dispatch) => (opts, handler) => dispatch(opts, handler)
const handler: Dispatcher.DispatchHandler = {}

const calls: readonly (readonly [string, Options])[] = [
  ['GET to another host', { origin: 'https://example.com', path: '/api/items?page=2', method: 'GET' }],
  ['POST to another host', { origin: 'https://example.com', path: '/api/items', method: 'POST', body: '{}' }],
  ['POST of a file to a known host', { origin: 'https://api.openai.com', path: '/v1/files', method: 'POST', body: '{}' }],
]

/** What calls pay that are no LLM calls: the dispatch alone, over a dispatcher that does nothing. */
export const w8: Workload = {
  id: 'W8',
  title: 'a call that is no LLM call: dispatch alone',
  async run(pace) {
    const cache = createLlmCache()
    const rows: Row[] = []
    for (const [door, opts] of calls) {
      const contestant = (name: string, interceptor: Interceptor) => {
        const dispatch = interceptor(passOn)
        return { name, call: () => dispatch(opts, handler), expected: true }
      }
      const contestants = [contestant(BASE, empty), contestant(NAMES.ours, cache.interceptor)]
      const goals = [{ contestant: NAMES.ours, against: BASE, by: 'above', limit: 200 }] as const
      rows.push(...(await compare({ door, contestants, base: BASE, goals, unit: 'ns', isBatched: true }, pace)))
    }
    await cache.close()
    return rows
  },
}

function passOn(): boolean {
  return true
}
