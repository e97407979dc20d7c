import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../lib/base/json.ts'
import { cutCacheMember, readBodyControl } from '../../../lib/controls/body-controls.ts'
import { DIALECTS } from '../../../lib/controls/dialects/dialect.ts'

const FASTROUTER = {
  dialect: 'fastrouter',
  ttl: undefined,
  filterOnModel: true,
  filterOnProvider: false,
  conversationMode: 'full_conversation',
  similarityThreshold: 1,
}

describe('readBodyControl', () => {
  const recognised: readonly (readonly [cache: Json, control: object])[] = [
    [{ type: 'exact_match' }, { dialect: 'orq', ttl: undefined }],
    [
      { type: 'exact_match', ttl: 1 },
      { dialect: 'orq', ttl: 1 },
    ],
    [
      { type: 'exact_match', ttl: 259_201 },
      { dialect: 'orq', ttl: 259_200 },
    ],
    [
      { type: 'exact_match', ttl: Infinity },
      { dialect: 'orq', ttl: 259_200 },
    ],
    [{ expiration_time: 60 }, { ...FASTROUTER, ttl: 60 }],
    [{ expiration_time: 90_000.5 }, { ...FASTROUTER, ttl: 86_400 }],
    [{ filter_on_model: false }, { ...FASTROUTER, filterOnModel: false }],
    [{ filter_on_provider: true }, { ...FASTROUTER, filterOnProvider: true }],
    [{ filter_on_provider: false }, { ...FASTROUTER, filterOnProvider: false }],
    [{ conversation_mode: 'last_n_turns' }, { ...FASTROUTER, conversationMode: 'last_n_turns' }],
    [{ similarity_threshold: 0.75 }, { ...FASTROUTER, similarityThreshold: 0.75 }],
    [{ similarity_threshold: 7 }, FASTROUTER],
  ]
  it.each(recognised)('reads %j', (cache, control) => {
    expect(readBodyControl(cache, DIALECTS)).toEqual(control)
  })

  const wrongValues: readonly (readonly [name: string, values: readonly Json[]])[] = [
    ['expiration_time', [null, '', '3600', 59, 0, -1, 60.5, true, [], {}, 'x'.repeat(10_000)]],
    ['filter_on_model', [null, '', 'false', 0, 1, [], {}]],
    ['filter_on_provider', [null, '', 'false', 0, 1, [], {}]],
    ['conversation_mode', [null, '', 'FULL_CONVERSATION', 'half', 1, true, [], {}, 'é']],
    ['similarity_threshold', [null, '', '0.75', -0.1, true, [], {}]],
  ]
  it.each(wrongValues)('names a FastRouter %s of a wrong type or below its range', (name, values) => {
    for (const value of values) {
      const control = readBodyControl({ filter_on_model: true, [name]: value }, DIALECTS)
      expect(control).toEqual({ dialect: 'fastrouter', problem: `cache.${name}` })
    }
  })

  it.each([null, '', '60', 0, -5, 1.5, true, [], {}, 'x'.repeat(10_000)])('names an orq ttl of %j', (ttl) => {
    expect(readBodyControl({ type: 'exact_match', ttl }, DIALECTS)).toEqual({ dialect: 'orq', problem: 'cache.ttl' })
  })

  const foreign: readonly Json[] = [
    { type: 'ephemeral' },
    { type: 'exact_match', ttl: 60, scope: 'mine' },
    { type: 'exact_match', expiration_time: 60 },
    { ttl: 60 },
    { 'no-cache': true },
    { expiration_time: 60, other: 1 },
    { __proto__: null, toString: true },
    { type: ['exact_match'] },
    {},
    [],
    [{ type: 'exact_match' }],
    null,
    true,
    'exact_match',
    3600,
  ]
  it.each(foreign)('leaves %j to the provider, whose own field it is', (cache) => {
    expect(readBodyControl(cache, DIALECTS)).toBeUndefined()
  })

  it('leaves the shape of a dialect that is switched off to the provider', () => {
    expect(readBodyControl({ type: 'exact_match' }, ['openrouter', 'fastrouter'])).toBeUndefined()
    expect(readBodyControl({ expiration_time: 60 }, ['openrouter', 'orq'])).toBeUndefined()
  })
})

describe('cutCacheMember', () => {
  it.each([
    ['{"a":1, "cache":{"ttl":1}, "b":{"cache":2}}', '{"a":1, "b":{"cache":2}}'],
    ['{"cache":true}', '{}'],
    ['{ "cache" : 1 }', '{ }'],
    ['{"cache":[{"cache":1}],"b":2}', '{"b":2}'],
    ['{\n  "a": 1,\n  "cache": {"x": [1, 2]}\n}\n', '{\n  "a": 1\n}\n'],
    ['{"cache":1,"a":2,"cache":3,"b":4,"cache":5}', '{"a":2,"b":4}'],
    ['{"a":1,"\\u0063ache":2}', '{"a":1}'],
    ['{"a":"\\"cache\\":1,{[","cache":1}', '{"a":"\\"cache\\":1,{["}'],
  ])('cuts the top-level member out of %s', (text, rest) => {
    expect(cutCacheMember(text)).toBe(rest)
  })

  it.each([
    '{}',
    '{"a":{"cache":1}}',
    '[{"cache":1}]',
    '"cache"',
    'null',
    '',
    '{"cache":',
    '{"Cache":1}',
    '{"a":"cache"}',
  ])('returns %s unchanged', (text) => {
    expect(cutCacheMember(text)).toBe(text)
  })

  it('copes with 100,000 levels of nesting', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    expect(cutCacheMember(`{"cache":1,"deep":${deep}}`)).toBe(`{"deep":${deep}}`)
  })

  const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/)
  const value = fc.oneof(
    fc.json(),
    fc.constant('{"cache":{"cache":1}}'),
    fc.constant('1.50e+3'),
    fc.constant('"\\u00e9"'),
  )
  const member = (name: fc.Arbitrary<string>) =>
    fc.tuple(space, name, space, space, value).map(([a, text, b, c, json]) => `${a}${text}${b}:${c}${json}`)
  const other = member(
    fc
      .string()
      .filter((name) => name !== 'cache')
      .map((name) => JSON.stringify(name)),
  )
  const cache = member(fc.constantFrom('"cache"', '"\\u0063ache"', '"cach\\u0065"'))

  it('leaves every other character as it was, whatever stands beside one or more cache members', () => {
    const members = fc.array(
      fc.oneof(
        other.map((text) => ({ text, keep: true })),
        cache.map((text) => ({ text, keep: false })),
      ),
    )
    fc.assert(
      fc.property(space, members, (before, all) => {
        const text = `${before}{${all.map((one) => one.text).join(',')}}`
        const rest = `${before}{${all
          .filter((one) => one.keep)
          .map((one) => one.text)
          .join(',')}}`
        expect(cutCacheMember(text)).toBe(rest)
        const parsed: Record<string, unknown> = JSON.parse(text)
        delete parsed['cache']
        expect(JSON.parse(cutCacheMember(text))).toEqual(parsed)
      }),
    )
  })
})
