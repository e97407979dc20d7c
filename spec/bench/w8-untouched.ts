import { do_not_optimize } from 'mitata'
import type { Dispatcher } from 'undici'
import { createLlmCache } from '../../lib/index.ts'
import { NAMES } from './bed.ts'
import { compare } from './compare.ts'
import type { Interceptor } from './floor.ts'
import type { Contestant, Row, Workload } from './workload.ts'

type Options = Dispatcher.DispatchOptions

const BASE = 'empty interceptor'
const empty: Interceptor = (dispatch) => (opts, handler) => dispatch(opts, handler)
const handler: Dispatcher.DispatchHandler = {}

// Several of each kind: one call again and again would be compiled to nothing.
const calls: readonly (readonly [string, readonly Options[]])[] = [
  ['GET to another host', several({ origin: 'https://example.com', path: '/api/items?page=', method: 'GET' })],
  ['POST to another host', several({ origin: 'https://example.com', path: '/api/items/', method: 'POST', body: '{}' })],
  [
    'POST to a known host',
    several({ origin: 'https://api.openai.com', path: '/v1/files/', method: 'POST', body: '{}' }),
  ],
]

/** What calls pay that are no LLM calls: the dispatch alone, over a dispatcher that does nothing. */
export const w8: Workload = {
  id: 'W8',
  title: 'a call that is no LLM call: dispatch alone, over a dispatcher that does nothing',
  async run(pace) {
    const cache = createLlmCache()
    const rows: Row[] = []
    for (const [door, opts] of calls) {
      const contestants = [contestant(BASE, empty, opts), contestant(NAMES.ours, cache.interceptor, opts)]
      const goals = [{ contestant: NAMES.ours, against: BASE, by: 'above', limit: 200 }] as const
      rows.push(...(await compare({ door, contestants, base: BASE, goals, unit: 'ns', isBatched: true }, pace)))
    }
    await cache.close()
    return rows
  },
}

function several(opts: Options): readonly Options[] {
  return Array.from({ length: 64 }, (_, i) => ({ ...opts, path: `${opts.path}${i}` }))
}

function contestant(name: string, interceptor: Interceptor, opts: readonly Options[]): Contestant {
  let at = 0
  let passed = 0
  const dispatch = interceptor((one) => {
    passed += one.path.length
    return true
  })
  const call = (): void => {
    const one = opts[(at = (at + 1) % opts.length)]
    if (one !== undefined) do_not_optimize(dispatch(one, handler))
  }
  return { name, call, enter: () => do_not_optimize(passed) }
}
