import { describe, expect, it } from 'vitest'
import type { ProviderRow } from '../../../lib/providers/provider.ts'
import { createClassifiers } from '../../../lib/request/header-kind.ts'
import { readHeaders, reusableHeaders, withoutHeaders } from '../../../lib/request/headers.ts'

const row: ProviderRow = {
  id: 'own',
  hosts: ['llm.example'],
  endpoints: [],
  credentials: ['x-tenant'],
  semanticHeaders: ['x-route-*'],
}

const classifierOf = createClassifiers([])
const classify = classifierOf(row)

const PAIRS: readonly [string, string][] = [
  ['Authorization', 'Bearer sk'],
  ['Content-Type', 'application/json'],
  ['X-Stainless-Retry-Count', '2'],
  ['OpenAI-Beta', 'b'],
  ['X-LLM-Cache', 'on'],
]

function* generate(): Generator<[string, string]> {
  yield* PAIRS.map(([name, value]): [string, string] => [name, value])
}

describe('readHeaders', () => {
  it.each<[string, unknown]>([
    ['an object', Object.fromEntries(PAIRS)],
    ['an object with lists and gaps', { ...Object.fromEntries(PAIRS), 'openai-beta': undefined, 'OpenAI-Beta': ['b'] }],
    ['an object without a prototype', Object.assign(Object.create(null), Object.fromEntries(PAIRS))],
    ['a flat array', PAIRS.flat()],
    ['a flat array of Buffers', PAIRS.flat().map((text) => Buffer.from(text))],
    ['an array of pairs', PAIRS],
    ['a Map', new Map(PAIRS)],
    ['Headers', new Headers(PAIRS.map(([name, value]): [string, string] => [name, value]))],
    ['a generator', generate()],
  ])('reads %s', (_, headers) => {
    const read = readHeaders(headers, classify)
    expect(read.get('authorization')).toBe('Bearer sk')
    expect(read.get('absent')).toBeUndefined()
    expect(read.credentials).toEqual([['authorization', 'Bearer sk']])
    expect(read.semantic).toEqual([
      ['content-type', 'application/json'],
      ['openai-beta', 'b'],
    ])
    expect(read.controls).toEqual([['x-llm-cache', 'on']])
    expect(read.retryCount).toBe(2)
  })

  it.each([undefined, null, {}, [], new Map()])('finds nothing in %j', (headers) => {
    const { credentials, semantic, controls, retryCount } = readHeaders(headers, classify)
    expect({ credentials, semantic, controls, retryCount }).toEqual({
      credentials: [],
      semantic: [],
      controls: [],
      retryCount: 0,
    })
    expect(controls).toBe(readHeaders({ a: 'b' }, classify).controls)
  })

  it.each([
    ['multipart/form-data; boundary=abc', 'multipart/form-data'],
    ['Application/JSON; charset=UTF-8', 'application/json'],
    ['application/json;charset="utf-8"', 'application/json'],
    ['application/json; charset=utf-16', 'application/json; charset=utf-16'],
  ])('reads the media type of %s', (value, kind) => {
    expect(readHeaders({ 'content-type': value }, classify).semantic).toEqual([['content-type', kind]])
  })

  it('ignores an empty cookie and the coding `identity`', () => {
    const { credentials, semantic } = readHeaders({ cookie: '', 'content-encoding': 'identity' }, classify)
    expect([credentials, semantic]).toEqual([[], []])
  })

  it('joins repeated headers', () => {
    const { get } = bind(
      readHeaders(
        [
          ['a', '1'],
          ['A', ['2', '3']],
        ],
        classify,
      ),
    )
    expect(get('a')).toBe('1, 2, 3')
  })

  it('reads names by each row on its own', () => {
    expect(readHeaders({ 'x-tenant': 'v' }, classifierOf({ ...row, credentials: [] })).credentials).toEqual([])
    expect(readHeaders({ 'x-tenant': 'v' }, classify).credentials).toEqual([['x-tenant', 'v']])
  })

  it('stays right when more names come than it remembers', () => {
    for (let at = 0; at < 3000; at++) readHeaders({ [`x-${at}`]: '1' }, classify)
    expect(readHeaders({ 'X-Api-Key': 'v' }, classify).credentials).toEqual([['x-api-key', 'v']])
  })
})

function bind(headers: ReturnType<typeof readHeaders>): { get: (name: string) => string | undefined } {
  return { get: (name) => headers.get(name) }
}

describe('withoutHeaders', () => {
  const drop = (name: string): boolean => name === 'x-llm-cache'

  it('keeps an object an object, and the case of its names', () => {
    const kept = withoutHeaders({ 'X-LLM-Cache': 'on', Accept: ['a', 'b'], Gone: undefined }, drop)
    expect(kept).toEqual({ Accept: ['a', 'b'], Gone: undefined })
  })

  it.each<[string, unknown]>([
    ['a flat array', ['X-LLM-Cache', 'on', 'Accept', 'a', 'Accept', 'b']],
    [
      'pairs',
      [
        ['X-LLM-Cache', 'on'],
        ['Accept', ['a', 'b']],
      ],
    ],
    [
      'a Map',
      new Map<string, unknown>([
        ['X-LLM-Cache', 'on'],
        ['Accept', ['a', 'b']],
      ]),
    ],
  ])('makes %s a flat array', (_, headers) => {
    expect(withoutHeaders(headers, drop)).toEqual(['Accept', 'a', 'Accept', 'b'])
  })

  it.each([undefined, null])('leaves %s alone', (headers) => {
    expect(withoutHeaders(headers, drop)).toBe(headers)
  })
})

describe('reusableHeaders', () => {
  it('makes an array of what can be walked only once', () => {
    const headers = reusableHeaders(generate())
    expect(headers).toEqual(PAIRS.flat())
  })

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['an object', { a: 'b' }],
    ['an array', ['a', 'b']],
    ['a Map', new Map([['a', 'b']])],
    ['Headers', new Headers({ a: 'b' })],
  ])('gives back %s as it is', (_, headers) => {
    expect(reusableHeaders(headers)).toBe(headers)
  })
})
