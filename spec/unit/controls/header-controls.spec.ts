import { describe, expect, it } from 'vitest'
import { isControlHeader, isStripped, readControls } from '../../../lib/controls/header-controls.ts'
import { DIALECTS } from '../../../lib/controls/dialects/dialect.ts'
import type { Directives } from '../../../lib/controls/directives.ts'

type Pairs = readonly (readonly [name: string, value: string])[]

function read(controls: Pairs, provider = 'openai', dialects = DIALECTS): Directives {
  return readControls(controls, { provider, dialects })
}

const HUGE = 'x'.repeat(10_000)
const MANY_DIGITS = '9'.repeat(10_000)

describe('readControls', () => {
  const good: readonly (readonly [controls: Pairs, directives: Directives])[] = [
    [[], {}],
    [[['x-llm-cache', 'on']], { mode: 'on' }],
    [[['x-llm-cache', ' Read-Only ']], { mode: 'read-only' }],
    [[['x-llm-cache-ttl', '60']], { ttl: 60 }],
    [[['x-llm-cache-ttl', '0']], { ttl: 0 }],
    [[['x-llm-cache-ttl', '2592001']], { ttl: 2_592_000 }],
    [[['x-llm-cache-clear', 'true']], { clear: true }],
    [[['x-llm-cache-clear', 'false']], { clear: false }],
    [[['x-llm-cache-namespace', 'prompt-v7, b']], { namespace: 'prompt-v7, b' }],
    [[['x-llm-cache-namespace', 'n'.repeat(256)]], { namespace: 'n'.repeat(256) }],
    [[['x-llm-cache-tags', 'a, b,,a']], { tags: ['a', 'b'] }],
    [
      [
        ['x-llm-cache-tags', 'a'],
        ['x-llm-cache-tags', 'b'],
      ],
      { tags: ['a', 'b'] },
    ],
    [[['x-llm-cache-variant', '0']], { variant: 0 }],
    [[['x-llm-cache-variant', '99999999999999999999']], { variant: Number.MAX_SAFE_INTEGER }],
    [[['x-llm-cache-samples', '5000']], { samples: 1000 }],
    [
      [
        ['cache-control', 'max-age=5'],
        ['cache-control', 'no-store'],
      ],
      { maxAge: 5, noStore: true },
    ],
    [
      [['cache_key', 'faq']],
      { dialect: 'fastrouter', mode: 'on', defaultTtl: 3600, namespace: 'faq', cacheKey: 'faq' },
    ],
  ]
  it.each(good)('reads %j', (controls, directives) => {
    expect(read(controls)).toEqual(directives)
  })

  const bad: Readonly<Record<string, readonly string[]>> = {
    'x-llm-cache': ['', ' ', 'yes', '1', '-1', 'on, on', 'bypass refresh', 'ön', HUGE],
    'x-llm-cache-ttl': [
      '',
      '-1',
      '+1',
      '1.5',
      '60abc',
      'abc',
      '1e3',
      '0x10',
      'Infinity',
      '6\u00b2',
      '60, 60',
      MANY_DIGITS,
    ],
    'x-llm-cache-clear': ['', '1', '-1', 'yes', 'true, true', 'trüe', HUGE],
    'x-llm-cache-namespace': ['', '  ', 'é', 'a\tb', '\u0000', 'n'.repeat(257), HUGE],
    'x-llm-cache-tags': ['', ',', ' , ,', 'é', 't'.repeat(257), `a,${HUGE}`],
    'x-llm-cache-variant': ['', '-1', '1.5', 'two', '1, 2', '２', MANY_DIGITS],
    'x-llm-cache-samples': ['', '0', '-1', '1.5', 'two', '3, 3', '３', MANY_DIGITS],
    'x-openrouter-cache': ['', '1', '-1', 'on', 'true, false', 'trüe', HUGE],
    'x-openrouter-cache-ttl': ['6\u00b2', '６', MANY_DIGITS],
    'x-openrouter-cache-clear': ['', '1', '-1', 'yes', 'true, true', 'trüe', HUGE],
    cache_key: ['', ' ', 'é', HUGE],
    'cache-control': ['', 'max-age=-1', 'max-age=x', 'max-age=1, max-age=1', 'é', HUGE],
  }
  const cases = Object.entries(bad).flatMap(([name, values]) => values.map((value) => [name, value] as const))
  it.each(cases)('names %s as the problem of %j, and never the value', (name, value) => {
    expect(read([[name, value]])).toMatchObject({ problem: name })
    if (value.trim().length > 3) expect(JSON.stringify(read([[name, value]]))).not.toContain(value)
  })

  it.each(Object.keys(bad).filter((name) => name !== 'cache-control' && name !== 'x-llm-cache-tags'))(
    'names %s as the problem where it comes twice',
    (name) => {
      const value = name === 'x-llm-cache' ? 'on' : name.endsWith('clear') || name.endsWith('cache') ? 'true' : '1'
      expect(read([[name, value]]).problem).toBeUndefined()
      expect(read([[name, value], [name, value]])).toEqual({ problem: name }) // prettier-ignore
    },
  )

  it.each(['x-llm-cache-namspace', 'x-llm-cache-', 'x-llm-cache-__proto__', 'x-llm-cache-constructor'])(
    'names %s, which does not exist, as the problem',
    (name) => {
      expect(read([[name, 'tenant-1']])).toEqual({ problem: name })
    },
  )

  it('keeps a problem that a nearer header does not have', () => {
    expect(read([['x-openrouter-cache', 'x'], ['x-llm-cache', 'on']])).toMatchObject({ problem: 'x-openrouter-cache' }) // prettier-ignore
  })

  const layered: readonly (readonly [title: string, controls: Pairs, directives: Directives])[] = [
    [
      'an own mode over a dialect that switches off',
      [
        ['x-llm-cache', 'on'],
        ['x-openrouter-cache', 'false'],
      ],
      { mode: 'on' },
    ],
    [
      'an own ttl over a dialect',
      [
        ['x-openrouter-cache-ttl', '5'],
        ['x-llm-cache-ttl', '7'],
      ],
      { ttl: 7 },
    ],
    [
      'an own mode over the no-cache of an SDK',
      [
        ['cache-control', 'no-cache'],
        ['x-llm-cache', 'on'],
      ],
      { mode: 'on' },
    ],
    [
      'only-if-cached over a dialect',
      [
        ['cache-control', 'only-if-cached'],
        ['x-openrouter-cache', 'true'],
      ],
      { mode: 'only' },
    ],
    [
      'a dialect that switches off over one that switches on',
      [
        ['x-openrouter-cache', 'false'],
        ['cache_key', 'k'],
      ],
      { mode: 'bypass' },
    ],
    [
      'an own namespace over cache_key',
      [
        ['cache_key', 'k'],
        ['x-llm-cache-namespace', 'n'],
      ],
      { namespace: 'n', cacheKey: 'k' },
    ],
  ]
  it.each(layered)('takes %s', (_title, controls, directives) => {
    expect(read(controls)).toMatchObject(directives)
    expect(read(controls.toReversed())).toEqual(read(controls))
  })

  it('skips the read for no-cache where no own mode says otherwise', () => {
    expect(read([['cache-control', 'no-cache']])).toEqual({ noCache: true })
    expect(read([['cache-control', 'no-cache'], ['x-llm-cache', 'on']]).noCache).toBeUndefined() // prettier-ignore
  })

  it('neither reads nor stores for the pair of fetch modes no-store and reload', () => {
    expect(read([['cache-control', 'no-cache'], ['pragma', 'No-Cache']])).toMatchObject({ noCache: true, noStore: true }) // prettier-ignore
  })

  it('does not honour no-cache at Cohere, whose SDK sends it on each stream, but honours no-store', () => {
    expect(read([['cache-control', 'no-cache'], ['pragma', 'no-cache']], 'cohere')).toEqual({}) // prettier-ignore
    expect(read([['cache-control', 'no-store']], 'cohere')).toEqual({ noStore: true })
  })

  it('passes over the headers of a dialect that is switched off, malformed ones included', () => {
    const controls: Pairs = [
      ['x-openrouter-cache', 'x'],
      ['x-openrouter-cache', 'x'],
      ['cache_key', ''],
    ]
    expect(read(controls, 'openai', ['orq'])).toEqual({})
  })
})

describe('isStripped', () => {
  const OWN = ['x-llm-cache', 'x-llm-cache-ttl', 'x-llm-cache-anything']
  const OPENROUTER = ['x-openrouter-cache', 'x-openrouter-cache-ttl', 'x-openrouter-cache-clear']

  it.each(OWN)('takes %s out for every provider', (name) => {
    expect(isStripped(name, 'openai')).toBe(true)
    expect(isStripped(name, 'openrouter', [])).toBe(true)
  })

  it.each([...OPENROUTER.map((name) => [name, 'openrouter'] as const), ['cache_key', 'fastrouter'] as const])(
    'takes %s out, but not for %s',
    (name, owner) => {
      expect(isStripped(name, 'openai')).toBe(true)
      expect(isStripped(name, 'orq')).toBe(true)
      expect(isStripped(name, owner)).toBe(false)
      expect(isStripped(name, 'openai', ['orq'])).toBe(false)
    },
  )

  it.each(['cache-control', 'pragma', 'authorization', 'x-openrouter-provider', 'x-llm-cached', 'cf-aig-cache-ttl'])(
    'leaves %s in',
    (name) => {
      expect(isStripped(name, 'openai')).toBe(false)
    },
  )
})

describe('isControlHeader', () => {
  it.each(['x-llm-cache', 'x-llm-cache-tags', 'cache-control', 'pragma', 'x-openrouter-cache-clear', 'cache_key'])(
    'knows %s',
    (name) => {
      expect(isControlHeader(name)).toBe(true)
    },
  )

  it.each(['x-openrouter-provider', 'x-llm-cached', 'authorization', 'expires'])('does not take %s for one', (name) => {
    expect(isControlHeader(name)).toBe(false)
  })
})
