import { describe, expect, it } from 'vitest'
import { openRouterStatusHeaders, readOpenRouter } from '../../../../lib/controls/dialects/openrouter.ts'

function read(headers: Readonly<Record<string, string>>) {
  return readOpenRouter((name) => headers[name])
}

const ON = { dialect: 'openrouter', mode: 'on', defaultTtl: 300 }

describe('readOpenRouter', () => {
  it('reads nothing where no header of the dialect came', () => {
    expect(read({ 'x-openrouter-provider': 'x' })).toBeUndefined()
  })

  it('switches caching on for 300 seconds, or off', () => {
    expect(read({ 'x-openrouter-cache': 'true' })).toEqual(ON)
    expect(read({ 'x-openrouter-cache': ' TRUE ' })).toEqual(ON)
    expect(read({ 'x-openrouter-cache': 'false' })).toEqual({ dialect: 'openrouter', mode: 'bypass' })
  })

  it.each([
    ['60', 60],
    ['60abc', 60],
    ['1.5', 1],
    ['0', 1],
    ['0.9', 1],
    ['007', 7],
    ['1e3', 1],
    ['60, 300', 60],
    ['86400', 86_400],
    ['86401', 86_400],
    ['99999999999999999999', 86_400],
    [' 60 ', 60],
  ])('takes a ttl of %j for %d seconds', (value, ttl) => {
    expect(read({ 'x-openrouter-cache': 'true', 'x-openrouter-cache-ttl': value })).toEqual({ ...ON, ttl })
  })

  it.each(['', 'abc', '-5', '+5', '.5', 'a60', ' '])('ignores a ttl of %j, which starts with no digit', (value) => {
    expect(read({ 'x-openrouter-cache': 'true', 'x-openrouter-cache-ttl': value })).toEqual(ON)
  })

  it('reads a ttl and a clear without switching caching on', () => {
    expect(read({ 'x-openrouter-cache-ttl': '9', 'x-openrouter-cache-clear': 'true' })).toEqual({
      dialect: 'openrouter',
      ttl: 9,
      clear: true,
    })
    expect(read({ 'x-openrouter-cache-clear': 'false' })).toEqual({ dialect: 'openrouter' })
  })
})

describe('openRouterStatusHeaders', () => {
  it('gives the age and the time left of a hit', () => {
    expect(openRouterStatusHeaders({ hit: true, age: 12.9, ttl: 287.1 })).toEqual([
      ['X-OpenRouter-Cache-Status', 'HIT'],
      ['X-OpenRouter-Cache-Age', '12'],
      ['X-OpenRouter-Cache-TTL', '287'],
    ])
  })

  it('gives the whole time to live of a miss, and never a negative one', () => {
    expect(openRouterStatusHeaders({ hit: false, age: 0, ttl: 300 })).toEqual([
      ['X-OpenRouter-Cache-Status', 'MISS'],
      ['X-OpenRouter-Cache-TTL', '300'],
    ])
    expect(openRouterStatusHeaders({ hit: true, age: 9, ttl: -3 })[2]).toEqual(['X-OpenRouter-Cache-TTL', '0'])
  })
})
