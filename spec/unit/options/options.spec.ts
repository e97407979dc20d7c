import { describe, expect, it } from 'vitest'
import { type CacheStore, createLlmCache, formats, type LlmCacheOptions } from '../../../lib/index.ts'
import { DEFAULTS } from '../../../lib/options/options.ts'
import { resolveOptions } from '../../../lib/options/resolve-options.ts'
import { PROVIDERS } from '../../../lib/providers/hosts.ts'

/** Options as an app without types passes them. */
const wrong = (options: object): LlmCacheOptions => options as LlmCacheOptions

const row = { id: 'mine', hosts: ['llm.internal'], endpoints: [{ path: '/chat', format: formats.openaiChat }] }

describe('options', () => {
  it('are the documented defaults where nothing is given', () => {
    expect(resolveOptions()).toEqual(DEFAULTS)
    expect(DEFAULTS).toMatchObject({
      ttl: 3600,
      policy: 'all',
      hosted: 'bypass',
      maxSize: 268_435_456,
      maxEntrySize: 8_388_608,
      maxRequestSize: 33_554_432,
      canonicalLimit: 1_048_576,
      coalesce: true,
      onAbandon: 'abort',
      replay: 'instant',
      staleWhileRevalidate: 0,
      staleIfError: 0,
    })
  })

  it('keep the other defaults of refuse when one of its members is given', () => {
    expect(resolveOptions({ refuse: { length: true } }).refuse).toEqual({ ...DEFAULTS.refuse, length: true })
  })

  it('count an undefined member as absent', () => {
    expect(resolveOptions(wrong({ ttl: undefined, identity: undefined }))).toEqual(DEFAULTS)
  })

  it.each<[string, object, RegExp]>([
    ['ttl', { ttl: 0 }, /^options\.ttl must be an integer from 1 to 2592000, not 0$/],
    ['ttl', { ttl: '60' }, /^options\.ttl must be an integer .*, not "60"$/],
    ['ttl', { ttl: NaN }, /^options\.ttl must be .*, not NaN$/],
    ['policy', { policy: 'some' }, /^options\.policy must be 'all' or 'deterministic' or 'opt-in', not "some"$/],
    ['hosted', { hosted: 'live' }, /^options\.hosted must be 'bypass' or 'cache', not "live"$/],
    ['maxSize', { maxSize: Infinity }, /^options\.maxSize must be an integer .*, not Infinity$/],
    ['maxEntrySize', { maxEntrySize: -1 }, /^options\.maxEntrySize must be/],
    ['maxRequestSize', { maxRequestSize: null }, /^options\.maxRequestSize must be .*, not null$/],
    ['coalesce', { coalesce: 1 }, /^options\.coalesce must be true, false or 'cluster', not 1$/],
    ['onAbandon', { onAbandon: 'keep' }, /^options\.onAbandon must be 'abort' or 'finish', not "keep"$/],
    ['staleIfError', { staleIfError: 1.5 }, /^options\.staleIfError must be/],
    [
      'replay',
      { replay: { speed: 0 } },
      /^options\.replay must be 'instant', 'recorded' or \{ speed \} above 0, not an object$/,
    ],
    ['replay', { replay: { speed: 2, pace: 1 } }, /^options\.replay\.pace does not exist; the nearest name is speed$/],
    ['identity', { identity: 'me' }, /^options\.identity must be a function, not "me"$/],
    ['hosts', { hosts: 'http://localhost' }, /^options\.hosts must be an array, not "http:\/\/localhost"$/],
    [
      'hosts[1]',
      { hosts: ['http://localhost:1', 'localhost:2/v1'] },
      /^options\.hosts\[1\] must be an origin or an SDK/,
    ],
    ['hosts[0]', { hosts: ['http://localhost:1/v1?key=k'] }, /^options\.hosts\[0\] must be an origin or an SDK/],
    ['hosts[0]', { hosts: ['http://localhost:1/#top'] }, /^options\.hosts\[0\] must be an origin or an SDK/],
    [
      'hosts[0]',
      { hosts: ['http://me:pw@a'] },
      /^options\.hosts\[0\] must be a URL without user and password, not "http:\/\/a"$/,
    ],
    ['ignoreFields[0]', { ignoreFields: [7] }, /^options\.ignoreFields\[0\] must be a body path/],
    ...['', '[', 'a b', 'messages[0]', 'items[*]'].map((value): [string, object, RegExp] => [
      'ignoreFields[1]',
      { ignoreFields: ['user', value] },
      /^options\.ignoreFields\[1\] must be a body path such as messages\[\*\]\.id, not "/,
    ]),
    ['ignoreHeaders', { ignoreHeaders: 'x-release' }, /^options\.ignoreHeaders must be an array, not "x-release"$/],
    ...[7, '', 'x release', 'x-release: 1', '!x-tenant'].map((value): [string, object, RegExp] => [
      'ignoreHeaders[1]',
      { ignoreHeaders: ['x-acme-*', value] },
      /^options\.ignoreHeaders\[1\] must be a header name or a glob such as x-acme-\*, not /,
    ]),
    ...[
      'authorization',
      'X-API-Key',
      'helicone-auth',
      'x-bf-vk',
      'cookie',
      'x-tenant',
      'cache-control',
      'X-LLM-Cache-Namespace',
      'cache_key',
      'x-amzn-bedrock-trace',
      'ai-model-id',
      'content-type',
    ].map((value): [string, object, RegExp] => [
      'ignoreHeaders[0]',
      { ignoreHeaders: [value], providers: [{ ...row, credentials: ['x-tenant'] }] },
      new RegExp(`^options\\.ignoreHeaders\\[0\\] must be no credential, .*, not "${value}"$`),
    ]),
    ['dialects[0]', { dialects: ['litellm'] }, /^options\.dialects\[0\] must be 'openrouter' or 'fastrouter' or 'orq'/],
    ['refuse', { refuse: true }, /^options\.refuse must be an object, not true$/],
    ['refuse.empty', { refuse: { empty: 'no' } }, /^options\.refuse\.empty must be true or false, not "no"$/],
    [
      'refuse.refusals',
      { refuse: { refusals: true } },
      /^options\.refuse\.refusals does not exist; the nearest name is refusal$/,
    ],
    ['store', { store: { get() {} } }, /^options\.store must be a CacheStore with a function `set`, not an object$/],
    ['providers[0].id', { providers: [{ ...row, id: 1 }] }, /^options\.providers\[0\]\.id must be a string, not 1$/],
    ['providers[0].hosts', { providers: [{ ...row, hosts: 'x' }] }, /^options\.providers\[0\]\.hosts must be an array/],
    [
      'providers[0].hosts[0]',
      { providers: [{ ...row, hosts: [5] }] },
      /^options\.providers\[0\]\.hosts\[0\] must be a host .*, or an origin such as http:\/\/localhost:8000, not 5$/,
    ],
    ...[
      ...[
        '',
        'a b',
        '127.0.0.1:8000',
        'llm.internal:443',
        'localhost:8000/v1',
        'llm.internal/v1',
        '::1',
        'ünï.example',
      ],
      ...['http://localhost:8000/v1', 'http://local:80/?a=b', 'https://*.internal', 'ws://llm.internal', 'http://'],
    ].map((host): [string, object, RegExp] => [
      `providers[0].hosts[1] ${host}`,
      { providers: [{ ...row, hosts: ['llm.internal', host] }] },
      /^options\.providers\[0\]\.hosts\[1\] must be a host such as .*, or an origin such as .*, not "/,
    ]),
    ...['me:pw@llm.internal', 'https://me:pw@llm.internal'].map((host): [string, object, RegExp] => [
      'providers[0].hosts[0] with a password',
      { providers: [{ ...row, hosts: [host] }] },
      /^options\.providers\[0\]\.hosts\[0\] must be a host or an origin without user and password, not "llm.internal"$/,
    ]),
    [
      'providers[0].endpoints[0].path',
      { providers: [{ ...row, endpoints: [{ path: 'chat', format: formats.openaiChat }] }] },
      /^options\.providers\[0\]\.endpoints\[0\]\.path must be a path/,
    ],
    [
      'a placeholder whose name is a number',
      { providers: [{ ...row, endpoints: [{ path: '/v1/{1}/chat', format: formats.openaiChat }] }] },
      /^options\.providers\[0\]\.endpoints\[0\]\.path must be a path/,
    ],
    [
      'providers[0].endpoints[0].format',
      { providers: [{ ...row, endpoints: [{ path: '/chat', format: 'openai' }] }] },
      /^options\.providers\[0\]\.endpoints\[0\]\.format must be one of the package's formats, not "openai"$/,
    ],
    ['rules', { rules: {} }, /^options\.rules must be an array, not an object$/],
    ['a misspelt name', { tll: 60 }, /^options\.tll does not exist; the nearest name is ttl$/],
    ['embeddings', { embeddings: 'batch' }, /^options\.embeddings must be 'items' or 'whole', not "batch"$/],
    ['samples', { samples: 0 }, /^options\.samples must be/],
  ])('throw a TypeError that names the path, the expectation and the value: %s', (_path, options, message) => {
    expect(() => createLlmCache(wrong(options))).toThrow(TypeError)
    expect(() => createLlmCache(wrong(options))).toThrow(message)
  })

  it('take every host of the built-in table, and origins with a port', () => {
    const hosts = ['LLM.internal', '*', '10.0.0.5', '[::1]', 'http://localhost:8000', 'https://[::1]:8443/']
    const providers = [{ ...row, hosts }, ...PROVIDERS]
    expect(resolveOptions({ providers }).providers).toEqual(providers)
  })

  it('take globs that would match credentials, which never do, and names that are no credential', () => {
    const ignoreHeaders = ['*', 'x-api-*', 'authorizatio?', 'x-release', 'Anthropic-Beta', 'x-stainless-retry-count']
    expect(resolveOptions({ ignoreHeaders }).ignoreHeaders).toEqual(ignoreHeaders)
  })

  it("with `identity` refuse a store that seals under the caller's credential, and name the ways out", () => {
    const store = { ...memoryStore(), needsSecret: true }
    expect(() => createLlmCache({ identity: () => 'x', store })).toThrow(/encryption: \{ key \} or encryption: 'none'$/)
    expect(() => createLlmCache({ identity: () => 'x', store })).toThrow(TypeError)
    expect(() => createLlmCache({ store })).not.toThrow()
    expect(() => createLlmCache({ identity: () => 'x', store: memoryStore() })).not.toThrow()
  })

  it('that are no object throw', () => {
    expect(() => createLlmCache('fast' as unknown as LlmCacheOptions)).toThrow(
      /^options must be an object, not "fast"$/,
    )
  })
})

function memoryStore(): CacheStore {
  const none = (): undefined => undefined
  return { get: none, set: none, delete: () => false, clear: () => 0, entries: () => [], close: none }
}
