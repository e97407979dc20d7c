import { describe, expect, it } from 'vitest'
import { readEnvironment } from '../../../lib/options/environment.ts'

describe('LLM_CACHE_* variables', () => {
  it('are on with the defaults where nothing is set', () => {
    expect(readEnvironment({ PATH: '/bin' })).toEqual({ enabled: true, options: {}, problems: [] })
  })

  it('count as unset when they are empty', () => {
    expect(readEnvironment({ LLM_CACHE: '', LLM_CACHE_TTL: '', LLM_CACHE_NONSENSE: '' })).toEqual({
      enabled: true,
      options: {},
      problems: [],
    })
  })

  it.each(['off', 'OFF', 'false', '0'])('switch the cache off with LLM_CACHE=%s', (LLM_CACHE) => {
    expect(readEnvironment({ LLM_CACHE }).enabled).toBe(false)
  })

  it('set options', () => {
    const environment = { LLM_CACHE_TTL: '60', LLM_CACHE_HOSTS: 'http://localhost:11434, http://localhost:8000' }
    expect(readEnvironment(environment).options).toEqual({
      ttl: 60,
      hosts: ['http://localhost:11434', 'http://localhost:8000'],
    })
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['an unknown switch', { LLM_CACHE: 'maybe' }, /^LLM_CACHE must be on or off/],
    ['a switch that every object has', { LLM_CACHE: 'constructor' }, /^LLM_CACHE must be on or off/],
    ['no number', { LLM_CACHE_TTL: 'an hour' }, /^LLM_CACHE_TTL is ignored: .*ttl must be an integer/],
    ['a number out of range', { LLM_CACHE_TTL: '0' }, /^LLM_CACHE_TTL is ignored: .*from 1 to 2592000$/],
    ['no origin', { LLM_CACHE_HOSTS: 'localhost:1' }, /^LLM_CACHE_HOSTS is ignored: .*hosts\[0\] must be an origin/],
    ['an unknown name', { LLM_CACHE_TLL: '60' }, /^LLM_CACHE_TLL does not exist; the nearest name is LLM_CACHE_TTL$/],
  ])('name %s in one line, and leave it out', (_what, environment, message) => {
    const { enabled, options, problems } = readEnvironment(environment)
    expect({ enabled, options }).toEqual({ enabled: true, options: {} })
    expect(problems).toEqual([expect.stringMatching(message)])
  })
})
