import { describe, expect, it } from 'vitest'
import { readEnvironment } from '../../../lib/options/environment.ts'

const DEFAULTS = { enabled: true, strict: false, log: 'off', options: {}, problems: [] }
const SECRET = 'k'.repeat(32)

describe('LLM_CACHE_* variables', () => {
  it('are on with the defaults where nothing is set', () => {
    expect(readEnvironment({ PATH: '/bin' })).toEqual(DEFAULTS)
  })

  it('count as unset when they are empty', () => {
    expect(readEnvironment({ LLM_CACHE: '', LLM_CACHE_TTL: '', LLM_CACHE_NONSENSE: '' })).toEqual(DEFAULTS)
  })

  it.each(['off', 'OFF', 'false', '0'])('switch the cache off with LLM_CACHE=%s', (LLM_CACHE) => {
    expect(readEnvironment({ LLM_CACHE }).enabled).toBe(false)
  })

  it.each<[string, string, object]>([
    ['TTL', '60', { options: { ttl: 60 } }],
    ['POLICY', 'opt-in', { options: { policy: 'opt-in' } }],
    [
      'HOSTS',
      'http://localhost:1, http://localhost:2,',
      { options: { hosts: ['http://localhost:1', 'http://localhost:2'] } },
    ],
    ['MAX_SIZE', '1048576', { options: { maxSize: 1_048_576 } }],
    ['REPLAY', 'recorded', { options: { replay: 'recorded' } }],
    ['REPLAY', '2.5', { options: { replay: { speed: 2.5 } } }],
    ['EXPLAIN', '1', { options: { explain: true } }],
    ['HOSTED', 'cache', { options: { hosted: 'cache' } }],
    ['NAMESPACE', 'v2', { namespace: 'v2' }],
    ['STORE', 'memory', { store: { kind: 'memory' } }],
    ['STORE', 'sqlite:cache.db', { store: { kind: 'sqlite', path: 'cache.db' } }],
    ['STORE', 'sqlite:///tmp/cache.db', { store: { kind: 'sqlite', path: '///tmp/cache.db' } }],
    ['STORE', 'rediss://:pw@host:1/2', { store: { kind: 'redis', url: 'rediss://:pw@host:1/2' } }],
    ['CONFIG', 'cache.json', { config: 'cache.json' }],
    ['ENCRYPTION_KEY', SECRET, { encryptionKey: SECRET }],
    ['LOG', '1', { log: 'text' }],
    ['LOG', 'JSON', { log: 'json' }],
    ['LOG', 'off', { log: 'off' }],
    ['STRICT', '1', { strict: true }],
  ])('LLM_CACHE_%s=%s says what it says', (name, text, setting) => {
    expect(readEnvironment({ [`LLM_CACHE_${name}`]: text })).toEqual({ ...DEFAULTS, ...setting })
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['an unknown switch', { LLM_CACHE: 'maybe' }, /^LLM_CACHE must be on or off$/],
    ['a switch that every object has', { LLM_CACHE: 'constructor' }, /^LLM_CACHE must be on or off/],
    ['no number', { LLM_CACHE_TTL: 'an hour' }, /^LLM_CACHE_TTL must be an integer from 1 to 2592000$/],
    ['a number out of range', { LLM_CACHE_TTL: '0' }, /^LLM_CACHE_TTL must be an integer from 1 to 2592000$/],
    ['a blank number', { LLM_CACHE_MAX_SIZE: ' ' }, /^LLM_CACHE_MAX_SIZE must be an integer from 1 to/],
    [
      'an unknown word',
      { LLM_CACHE_POLICY: 'some' },
      /^LLM_CACHE_POLICY must be 'all' or 'deterministic' or 'opt-in'$/,
    ],
    ['an unknown pace', { LLM_CACHE_REPLAY: 'fast' }, /^LLM_CACHE_REPLAY must be 'instant', 'recorded' or/],
    ['no origin', { LLM_CACHE_HOSTS: 'http://a, localhost:1' }, /^LLM_CACHE_HOSTS\[1\] must be an origin or/],
    [
      'an unknown store',
      { LLM_CACHE_STORE: 'mysql://:pw@host' },
      /^LLM_CACHE_STORE must be memory, sqlite:PATH or redis/,
    ],
    ['a store without a path', { LLM_CACHE_STORE: 'sqlite:' }, /^LLM_CACHE_STORE must be memory, sqlite:PATH or/],
    ['a short secret', { LLM_CACHE_ENCRYPTION_KEY: 'short' }, /^LLM_CACHE_ENCRYPTION_KEY must be a string of 32 char/],
    ['a format', { LLM_CACHE_LOG: 'xml' }, /^LLM_CACHE_LOG must be 1, json or off$/],
    ['an unknown name', { LLM_CACHE_TLL: '60' }, /^LLM_CACHE_TLL does not exist; the nearest name is LLM_CACHE_TTL$/],
  ])('name %s in one line without its value, and leave it out', (_what, environment, message) => {
    const { problems, ...settings } = readEnvironment(environment)
    expect({ ...settings, problems: [] }).toEqual(DEFAULTS)
    expect(problems).toEqual([expect.stringMatching(message)])
    for (const value of Object.values(environment)) expect(problems[0]).not.toContain(`"${value}"`)
  })
})
