import { describe, expect, test } from 'vitest'
import type { LlmCache } from '../../../lib/index.ts'
import { type Setup, setUp } from './setup.ts'

/** Which layers speak, nearest first; the option always has a value. */
const LAYERS = [true, false].flatMap((header) =>
  [true, false].flatMap((scope) => [true, false].map((rule) => ({ header, scope, rule }))),
)

type Layers = (typeof LAYERS)[number]

/** The first of the layers that speak. */
function nearest<T>({ header, scope, rule }: Layers, values: { header: T; scope: T; rule: T; option: T }): T {
  if (header) return values.header
  if (scope) return values.scope
  return rule ? values.rule : values.option
}

function only(cache: LlmCache): { namespace: string; tags: readonly string[]; ttl: number } {
  const [entry] = cache.entries()
  if (entry === undefined) throw new Error('nothing is stored')
  const { namespace, tags, storedAt, expiresAt } = entry
  return { namespace, tags, ttl: (expiresAt - storedAt) / 1000 }
}

async function askWith(layers: Layers): Promise<Setup> {
  const rules = layers.rule ? [{ match: {}, ttl: 30, namespace: 'rule', tags: ['rule'] }] : []
  const setup = await setUp({ ttl: 40, rules })
  const headers = { 'x-llm-cache-ttl': '10', 'x-llm-cache-namespace': 'header', 'x-llm-cache-tags': 'header' }
  const scope = layers.scope ? { ttl: 20, namespace: 'scope', tags: ['scope'] } : {}
  await setup.cache.with(scope, () => setup.ask(layers.header ? { headers } : {}))
  return setup
}

describe('header over scope over rule over option', () => {
  test.for(LAYERS)('header $header, scope $scope, rule $rule', async (layers) => {
    const { cache } = await askWith(layers)
    const name = nearest(layers, { header: 'header', scope: 'scope', rule: 'rule', option: '' })
    expect(only(cache)).toEqual({
      namespace: name,
      tags: name === '' ? [] : [name],
      ttl: nearest(layers, { header: 10, scope: 20, rule: 30, option: 40 }),
    })
  })

  test('member by member: each layer gives what the nearer ones leave open', async () => {
    const { ask, cache } = await setUp({ rules: [{ match: {}, ttl: 30, namespace: 'rule', tags: ['rule'] }] })
    await cache.with({ ttl: 20, namespace: 'scope' }, () => ask({ headers: { 'x-llm-cache-ttl': '10' } }))
    expect(only(cache)).toEqual({ namespace: 'scope', tags: ['rule'], ttl: 10 })
  })
})

const MODES = [undefined, 'on', 'bypass', 'refresh', 'read-only', 'only'] as const
const RULES = [undefined, false, true] as const
const SWITCHES = MODES.flatMap((header) => MODES.flatMap((scope) => RULES.map((rule) => ({ header, scope, rule }))))

const STATUS = { on: 'HIT', refresh: 'REFRESH', 'read-only': 'HIT', only: 'HIT', bypass: 'BYPASS' } as const

/** Rule off > header off > header on > rule on > policy, and a scope between header and rule. */
function expected({ header, scope, rule }: (typeof SWITCHES)[number]): string {
  const mode = header ?? scope
  if (rule === false || mode === 'bypass') return 'BYPASS'
  if (mode !== undefined) return STATUS[mode]
  return rule === true ? 'HIT' : 'BYPASS'
}

test('switching, over all combinations of header, scope and rule where the policy covers nothing', async () => {
  for (const rule of RULES) {
    const rules = [{ match: { model: 'ruled' }, ...(rule !== undefined && { enabled: rule }) }]
    const { ask, cache } = await setUp({ policy: 'opt-in', rules })
    for (const combination of SWITCHES.filter((one) => one.rule === rule)) {
      const { header, scope } = combination
      await ask({ fields: { model: 'ruled' }, headers: { 'x-llm-cache': 'on' } })
      const headers = header === undefined ? {} : { 'x-llm-cache': header }
      const answer = await cache.with({ mode: scope }, () => ask({ fields: { model: 'ruled' }, headers }))
      expect(answer.cache, JSON.stringify(combination)).toBe(expected(combination))
    }
  }
})
