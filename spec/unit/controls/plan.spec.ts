import { describe, expect, it } from 'vitest'
import { BYPASS_REASONS } from '../../../lib/base/reasons.ts'
import type { RequestFacts } from '../../../lib/providers/provider.ts'
import { readBodyControl } from '../../../lib/controls/body-controls.ts'
import { DIALECTS } from '../../../lib/controls/dialects/dialect.ts'
import { type Directives, MODES, type Mode, NO_DIRECTIVES } from '../../../lib/controls/directives.ts'
import { type CachePlan, earlyBypass, type Plan, type PlanInput, resolvePlan } from '../../../lib/controls/plan.ts'

const FACTS: RequestFacts = { model: 'm', stream: false, deterministic: false, veto: undefined }
const OPTIONS = {
  ttl: 3600,
  policy: 'all',
  hosted: 'bypass',
  staleIfError: 0,
  staleWhileRevalidate: 0,
  samples: 1,
  retryAware: true,
  crossMode: false,
  dialectAnswers: false,
  explain: false,
} as const

const INPUT: PlanInput = {
  header: {},
  scope: {},
  rule: undefined,
  body: undefined,
  facts: FACTS,
  options: OPTIONS,
  retryCount: 0,
}

function plan(input: Partial<PlanInput>): Plan {
  return resolvePlan({ ...INPUT, ...input })
}

function cached(input: Partial<PlanInput>): CachePlan {
  const resolved = plan(input)
  if (!resolved.use) throw new Error(`bypassed: ${resolved.reason}`)
  return resolved
}

const DEFAULT_PLAN: CachePlan = {
  use: true,
  read: true,
  join: true,
  write: true,
  only: false,
  clear: false,
  retry: false,
  ttl: 3600,
  namespace: '',
  tags: [],
  variant: 0,
  samples: 1,
  maxAge: undefined,
  maxStale: 0,
  staleIfError: 0,
  staleWhileRevalidate: 0,
  share: { anyModel: false, anyProvider: false, cacheKey: undefined },
  crossMode: false,
  rewrite: undefined,
  dialect: undefined,
  explain: false,
  semantic: undefined,
  detail: undefined,
}

/** What each mode may do: read, join, write, only, refresh. */
const ACCESS: Readonly<Record<Exclude<Mode, 'bypass'>, Partial<CachePlan>>> = {
  on: { read: true, join: true, write: true, only: false },
  refresh: { read: false, join: false, write: true, only: false },
  'read-only': { read: true, join: true, write: false, only: false },
  only: { read: true, join: false, write: false, only: true },
}

describe('resolvePlan: switching', () => {
  it('uses the cache as the options say where nothing else speaks', () => {
    expect(plan({})).toEqual(DEFAULT_PLAN)
  })

  it('says the same of a call that says nothing, whether its layers are put together or not', () => {
    const silent = { header: NO_DIRECTIVES, scope: NO_DIRECTIVES }
    const others: readonly Partial<PlanInput>[] = [
      {},
      { options: { ...OPTIONS, ttl: 9, staleIfError: 5, samples: 3 } },
      { options: { ...OPTIONS, policy: 'deterministic' } },
      { options: { ...OPTIONS, policy: 'opt-in' } },
      { facts: { ...FACTS, veto: 'hosted-tool' } },
      { rule: { enabled: false } },
      { rule: { ttl: 7 } },
      { body: { dialect: 'orq', ttl: 8 } },
      { retryCount: 1 },
      { scope: { ttl: 6 } },
      { header: { mode: 'refresh' } },
    ]
    for (const other of [...others, ...others]) expect(plan({ ...silent, ...other })).toEqual(plan(other))
  })

  const modes = [undefined, ...MODES] as const
  const rules = [undefined, false, true] as const
  const combinations = modes.flatMap((header) =>
    modes.flatMap((scope) =>
      rules.flatMap((rule) => [true, false].map((covered) => ({ header, scope, rule, covered }))),
    ),
  )

  // One line each, first that applies: the order that resolvePlan documents, which is that of OpenRouter's presets.
  function expected({ header, scope, rule, covered }: (typeof combinations)[number]): object {
    if (header === 'bypass') return { use: false, reason: 'header' }
    if (header === undefined && scope === 'bypass') return { use: false, reason: 'scope' }
    if (rule === false) return { use: false, reason: 'rule' }
    if (header !== undefined) return { use: true, ...ACCESS[header] }
    if (scope !== undefined && scope !== 'bypass') return { use: true, ...ACCESS[scope] }
    return rule === true || covered ? { use: true, ...ACCESS.on } : { use: false, reason: 'policy' }
  }

  it.each(combinations)('header $header, scope $scope, rule $rule, policy covers $covered', (combination) => {
    const { header, scope, rule, covered } = combination
    const resolved = plan({
      header: header === undefined ? {} : { mode: header },
      scope: scope === undefined ? {} : { mode: scope },
      rule: rule === undefined ? undefined : { enabled: rule },
      options: { ...OPTIONS, policy: covered ? 'all' : 'opt-in' },
    })
    expect(resolved).toMatchObject(expected(combination))
  })

  it("lets a rule's policy stand for the option", () => {
    const options = { ...OPTIONS, policy: 'opt-in' } as const
    expect(plan({ rule: { policy: 'all' }, options }).use).toBe(true)
    expect(plan({ rule: { policy: 'deterministic' }, options }).use).toBe(false)
    expect(plan({ rule: { policy: 'deterministic' }, options, facts: { ...FACTS, deterministic: true } }).use).toBe(
      true,
    )
    expect(plan({ rule: { policy: 'opt-in' } })).toMatchObject({ use: false, reason: 'policy' })
  })

  it('does not take a ttl, a namespace or a cache-control directive for asking', () => {
    const options = { ...OPTIONS, policy: 'opt-in' } as const
    const quiet: readonly Directives[] = [
      { ttl: 5 },
      { namespace: 'n' },
      { noCache: true },
      { maxAge: 5 },
      { variant: 1 },
    ]
    for (const header of quiet) expect(plan({ header, options })).toMatchObject({ use: false, reason: 'policy' })
  })

  const bypasses: readonly (readonly [header: Directives, scope: Directives, bypass: object | undefined])[] = [
    [{}, {}, undefined],
    [{ problem: 'x-llm-cache-ttl' }, {}, { reason: 'control', detail: 'x-llm-cache-ttl' }],
    [{ problem: 'cache-control', mode: 'only' }, {}, { reason: 'control', detail: 'cache-control' }],
    [{ problem: 'cache_key', mode: 'bypass' }, {}, { reason: 'control', detail: 'cache_key' }],
    [{ noStore: true }, {}, { reason: 'no-store' }],
    [{ noStore: true, mode: 'on' }, {}, { reason: 'no-store' }],
    [{ noStore: true, mode: 'only' }, {}, undefined],
    [{ noStore: true, clear: true }, {}, undefined],
    [{ ttl: 0 }, {}, { reason: 'ttl-0' }],
    [{ ttl: 0, mode: 'on' }, {}, { reason: 'ttl-0' }],
    [{ ttl: 0, mode: 'only' }, {}, undefined],
    [{}, { ttl: 0 }, { reason: 'ttl-0' }],
    [{ ttl: 5 }, { ttl: 0 }, undefined],
    [{ mode: 'on' }, { mode: 'bypass' }, undefined],
    [{ noCache: true }, { mode: 'bypass' }, { reason: 'scope' }],
  ]
  it.each(bypasses)('bypasses early for %j in %j: %j', (header, scope, bypass) => {
    expect(earlyBypass(header, scope)).toEqual(bypass)
    expect(plan({ header, scope })).toMatchObject(bypass === undefined ? { use: true } : { use: false, ...bypass })
  })

  it.each(BYPASS_REASONS)(
    "lifts the veto %s under hosted: 'cache' only if it is about hosted tools or text",
    (veto) => {
      const facts = { ...FACTS, veto }
      const isLifted = veto === 'hosted-tool' || veto === 'hosted-text'
      const bypass = { use: false, reason: veto, dialect: undefined }
      expect(plan({ facts })).toEqual(bypass)
      for (const layer of [{ scope: { hosted: 'cache' } }, { rule: { hosted: 'cache' } }] as const) {
        expect(plan({ facts, ...layer })).toEqual(isLifted ? DEFAULT_PLAN : bypass)
        expect(plan({ facts, ...layer, header: { mode: 'only' } })).toMatchObject({ read: isLifted, only: true })
      }
      const options = { ...OPTIONS, hosted: 'cache' } as const
      expect(plan({ facts, options })).toEqual(isLifted ? DEFAULT_PLAN : bypass)
      expect(plan({ facts, options, rule: { hosted: 'bypass' } })).toEqual(bypass)
      expect(plan({ facts, options, rule: { hosted: 'cache' }, scope: { hosted: 'bypass' } })).toEqual(bypass)
    },
  )

  it('bypasses what a provider can do only once, but answers `only` from the cache or not at all', () => {
    const facts = { ...FACTS, veto: 'hosted-tool' } as const
    expect(plan({ facts, header: { mode: 'on' } })).toMatchObject({ use: false, reason: 'hosted-tool' })
    expect(plan({ facts, header: { mode: 'only' } })).toMatchObject({
      use: true,
      only: true,
      read: false,
      write: false,
    })
  })
})

describe('resolvePlan: access', () => {
  it('clears, calls and stores', () => {
    expect(cached({ header: { clear: true } })).toMatchObject({ ...ACCESS.refresh, clear: true })
  })

  it.each(['read-only', 'only'] as const)('clears nothing for a caller who is %s', (mode) => {
    expect(cached({ header: { clear: true, mode } })).toMatchObject({ ...ACCESS[mode], clear: false })
  })

  it('skips the read for no-cache, and keeps what the mode says of storing', () => {
    expect(cached({ header: { noCache: true } })).toMatchObject(ACCESS.refresh)
    expect(cached({ header: { noCache: true, mode: 'read-only' } })).toMatchObject({ ...ACCESS.refresh, write: false })
    expect(cached({ header: { noCache: true, mode: 'only' } })).toMatchObject({
      read: false,
      only: true,
    })
  })

  it('drops the old answer and stores no new one where both are asked for', () => {
    const header = { clear: true, noStore: true, noCache: true }
    expect(cached({ header })).toMatchObject({ clear: true, read: false, join: false, write: false })
  })

  it("keeps an SDK's own retry from the answer that made it retry, unless that is switched off", () => {
    expect(cached({ retryCount: 1 })).toMatchObject({
      read: false,
      join: false,
      write: true,
      retry: true,
    })
    expect(cached({ retryCount: 2, scope: { retryAware: false } })).toEqual(DEFAULT_PLAN)
    expect(cached({ retryCount: 1, options: { ...OPTIONS, retryAware: false } })).toEqual(DEFAULT_PLAN)
    expect(cached({ retryCount: 1, header: { mode: 'refresh' } })).toMatchObject({ ...ACCESS.refresh, retry: false })
    expect(cached({ retryCount: 1, header: { mode: 'only' } })).toMatchObject({ ...ACCESS.only, retry: false })
  })
})

describe('resolvePlan: values', () => {
  const orq = (cache: object) => readBodyControl({ type: 'exact_match', ...cache }, DIALECTS)
  const fast = (cache: object) => readBodyControl({ ...cache }, DIALECTS)
  const openRouterOn: Directives = { mode: 'on', defaultTtl: 300, dialect: 'openrouter' }
  const fastRouterOn: Directives = {
    mode: 'on',
    defaultTtl: 3600,
    namespace: 'k',
    cacheKey: 'k',
    dialect: 'fastrouter',
  }

  const ttls: readonly (readonly [title: string, input: Partial<PlanInput>, ttl: number])[] = [
    ['a header over all', { header: { ttl: 1 }, body: orq({ ttl: 2 }), scope: { ttl: 3 }, rule: { ttl: 4 } }, 1],
    ['a body over a scope', { body: orq({ ttl: 2 }), scope: { ttl: 3 }, rule: { ttl: 4 } }, 2],
    [
      'a FastRouter body over a scope',
      { body: fast({ expiration_time: 62 }), scope: { ttl: 3 }, rule: { ttl: 4 } },
      62,
    ],
    ['a scope over a rule', { scope: { ttl: 3 }, rule: { ttl: 4 } }, 3],
    ['a rule over the option', { rule: { ttl: 4 } }, 4],
    ['the option', {}, 3600],
    ["OpenRouter's default over the option", { header: openRouterOn }, 300],
    ["a rule over OpenRouter's default", { header: openRouterOn, rule: { ttl: 4 } }, 4],
    ["OpenRouter's header over a rule", { header: { ...openRouterOn, ttl: 60 }, rule: { ttl: 4 } }, 60],
    ["FastRouter's default over the option", { header: fastRouterOn, options: { ...OPTIONS, ttl: 9 } }, 3600],
    ["FastRouter's body over its default", { header: fastRouterOn, body: fast({ expiration_time: 90 }) }, 90],
    ["orq's default over the option", { body: orq({}) }, 1800],
    ["a rule over orq's default", { body: orq({}), rule: { ttl: 4 } }, 4],
    [
      'the option where FastRouter only tunes',
      { body: fast({ filter_on_model: true }), options: { ...OPTIONS, ttl: 9 } },
      9,
    ],
  ]
  it.each(ttls)('takes the ttl of %s', (_title, input, ttl) => {
    expect(cached(input).ttl).toBe(ttl)
  })

  it('takes namespace and tags of the nearest layer that names them', () => {
    const layer = (name: string) => ({ namespace: name, tags: [name] })
    const [header, scope, rule] = [layer('header'), layer('scope'), layer('rule')]
    expect(cached({ header, scope, rule })).toMatchObject(header)
    expect(cached({ scope, rule })).toMatchObject(scope)
    expect(cached({ rule })).toMatchObject(rule)
    expect(cached({ header: { namespace: 'h' }, rule })).toMatchObject({ namespace: 'h', tags: ['rule'] })
  })

  const samples: readonly (readonly [input: Partial<PlanInput>, variant: number, samples: number])[] = [
    [{ options: { ...OPTIONS, samples: 4 } }, 0, 4],
    [{ rule: { samples: 3 }, options: { ...OPTIONS, samples: 4 } }, 0, 3],
    [{ scope: { samples: 2 }, rule: { samples: 3 } }, 0, 2],
    [{ header: { samples: 5 }, scope: { variant: 7 } }, 0, 5],
    [{ header: { variant: 6 }, scope: { samples: 2 } }, 6, 1],
    [{ header: { variant: 6, samples: 5 } }, 6, 1],
    [{ scope: { variant: 7 }, rule: { samples: 3 } }, 7, 1],
    [{ scope: { variant: 0 }, rule: { samples: 3 } }, 0, 1],
  ]
  it.each(samples)('%j means variant %d of %d samples', (input, variant, count) => {
    expect(cached(input)).toMatchObject({ variant, samples: count })
  })

  it('passes on what cache-control accepts', () => {
    const options = { ...OPTIONS, staleIfError: 50, staleWhileRevalidate: 20 }
    expect(cached({ options })).toMatchObject({ staleIfError: 50, staleWhileRevalidate: 20, maxStale: 0 })
    const header = { maxAge: 5, maxStale: Infinity, staleIfError: 0 }
    expect(cached({ header, options })).toMatchObject({ ...header, staleWhileRevalidate: 20 })
  })
})

describe('resolvePlan: body controls', () => {
  const optIn = { ...OPTIONS, policy: 'opt-in' } as const
  const header: Directives = { mode: 'on', defaultTtl: 3600, namespace: 'k', cacheKey: 'k', dialect: 'fastrouter' }
  const fast = (cache: object) => readBodyControl({ ...cache }, DIALECTS)

  it('goes live, uncached, for a body control with a wrong value, and names the member', () => {
    const body = readBodyControl({ type: 'exact_match', ttl: 'x' }, DIALECTS)
    expect(plan({ body })).toEqual({ use: false, reason: 'control', detail: 'cache.ttl' })
    expect(plan({ body, header: { mode: 'only' } })).toMatchObject({ use: false, reason: 'control' })
  })

  it("switches caching on by orq's body, not by FastRouter's", () => {
    expect(plan({ body: readBodyControl({ type: 'exact_match' }, DIALECTS), options: optIn })).toMatchObject({
      use: true,
      dialect: 'orq',
    })
    expect(plan({ body: fast({ expiration_time: 60 }), options: optIn })).toMatchObject({
      use: false,
      reason: 'policy',
    })
    expect(plan({ body: fast({ expiration_time: 60 }), header, options: optIn })).toMatchObject({ use: true, ttl: 60 })
  })

  it('shares nothing without cache_key', () => {
    expect(cached({ body: fast({ filter_on_model: false, filter_on_provider: false }) }).share).toEqual(
      DEFAULT_PLAN.share,
    )
  })

  it.each([
    [undefined, false, true],
    [{ expiration_time: 60 }, false, true],
    [{ filter_on_model: false }, true, true],
    [{ filter_on_provider: false }, false, true],
    [{ filter_on_model: false, filter_on_provider: false }, true, true],
    [{ filter_on_provider: true }, false, false],
    [{ filter_on_model: false, filter_on_provider: true }, true, false],
  ])('shares inside cache_key as %j says', (cache, anyModel, anyProvider) => {
    const body = cache === undefined ? undefined : fast(cache)
    expect(cached({ header, body })).toMatchObject({ namespace: 'k', share: { anyModel, anyProvider, cacheKey: 'k' } })
  })

  it.each([
    [{ similarity_threshold: 1 }, undefined],
    [{ conversation_mode: 'full_conversation' }, undefined],
    [{ similarity_threshold: 0.75 }, 'similarity_threshold-run-as-exact'],
    [{ conversation_mode: 'last_n_turns' }, 'conversation_mode-run-as-exact'],
    [
      { similarity_threshold: 0, conversation_mode: 'last_message_only' },
      'similarity_threshold+conversation_mode-run-as-exact',
    ],
  ])('tells of %j that it runs as exact: %s', (cache, detail) => {
    expect(cached({ header, body: fast(cache) }).detail).toBe(detail)
  })
})
