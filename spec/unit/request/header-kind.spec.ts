import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../../lib/providers/hosts.ts'
import type { ProviderRow } from '../../../lib/providers/provider.ts'
import { createClassifiers, type HeaderKind } from '../../../lib/request/header-kind.ts'
import { NOISE } from '../../../lib/request/noise-headers.ts'
import { noiseName, unknownName } from './header-names.ts'

const row: ProviderRow = {
  id: 'own',
  hosts: ['llm.example'],
  endpoints: [],
  credentials: ['x-tenant'],
  semanticHeaders: ['accept', 'via*'],
}
const plain: ProviderRow = { id: 'plain', hosts: [], endpoints: [] }
const bedrock = PROVIDERS.find(({ id }) => id === 'bedrock') ?? row

function kindOf(name: string, ignoreHeaders: readonly string[] = [], of: ProviderRow = row): HeaderKind {
  return createClassifiers(ignoreHeaders)(of)(name).kind
}

describe('a header that nobody knows', () => {
  it('may steer the answer', () => {
    fc.assert(fc.property(unknownName, (name) => kindOf(name) === 'semantic'))
  })

  it.each([
    'anthropic-version',
    'anthropic-beta',
    'openai-organization',
    'openai-project',
    'openai-beta',
    'ai-language-model-id',
    'ai-language-model-streaming',
    'ai-model-id',
    'ai-gateway-protocol-version',
    'extra-parameters',
    'groq-model-version',
    'nvcf-input-asset-references',
    'x-openrouter-provider',
    'x-openrouter-metadata',
    'cf-aig-metadata',
    'cf-ipcountry',
    'x-policy-id',
    'x-portkey-provider',
    'x-portkey-config',
    'x-portkey-metadata',
    'helicone-target-url',
    'helicone-prompt-id',
    'helicone-model-override',
    'helicone-moderations-enabled',
    'x-bf-eh-tenant',
    'x-goog-user-project',
    'x-session-id',
    'x-honeycomb-team',
    'fly-prefer-region',
    'l5d-dst-override',
    'prefer',
    'range',
    'from',
  ])('may steer the answer: %s', (name) => {
    expect(kindOf(name.toUpperCase())).toBe('semantic')
  })

  it.each(['x-amzn-bedrock-trace', 'X-Amzn-Bedrock-GuardrailIdentifier', 'x-amzn-bedrock-request-id', 'ai-model-id'])(
    'always does: %s',
    (name) => {
      for (const of of [row, bedrock]) expect(kindOf(name, ['*', 'x-amzn-*'], of)).toBe('semantic')
    },
  )
})

describe('noise', () => {
  it('is every name of the table, in any case', () => {
    fc.assert(
      fc.property(noiseName, fc.boolean(), (name, isUpper) => {
        expect(kindOf(isUpper ? name.toUpperCase() : name, [], plain)).toBe('noise')
      }),
      { numRuns: 2000 },
    )
  })

  it('has a reason for each name, and each name once', () => {
    const names = NOISE.flatMap((one) => one.names.split(' '))
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z0-9_*-]+$/)
    for (const { names: of, why } of NOISE) expect(why.length, of).toBeGreaterThan(3)
  })

  it.each(
    `accept-encoding accept-language connection content-length host te sec-fetch-mode priority
    user-agent x-stainless-os x-stainless-timeout x-stainless-helper x-goog-api-client amz-sdk-invocation-id
    amz-sdk-request x-amz-date x-amz-user-agent x-amz-security-token x-fern-runtime-version x-server-timeout x-client-name
    x-mistral-user-agent ai-o11y-deployment-id ai-o11y-request-id x-openrouter-callmodel
    traceparent tracestate baggage b3 x-b3-traceid uber-trace-id x-datadog-trace-id sentry-trace x-cloud-trace-context
    x-amzn-trace-id newrelic x-newrelic-id elastic-apm-traceparent x-dynatrace x-instana-t x-honeycomb-trace sw8
    x-request-id request-id x-ms-client-request-id x-amzn-requestid x-client-request-id x-correlation-id correlationid
    x-trace-id x-portkey-trace-id x-portkey-parent-span-id cf-aig-otel-trace-id idempotency-key
    content-md5 x-amz-content-sha256 digest content-digest repr-digest signature signature-input
    forwarded x-forwarded-for x-forwarded-proto via cf-ray x-real-ip x-vercel-id fly-client-ip cdn-loop true-client-ip
    http-referer referer x-title x-openrouter-title x-openrouter-categories
    helicone-session-id helicone-session-path helicone-user-id helicone-property-plan helicone-request-id
    helicone-cache-enabled cf-aig-cache-ttl cf-aig-skip-cache cf-aig-cache-key x-portkey-cache-force-refresh
    x-bf-cache-key x-bt-use-cache x-csrf-token x-xsrf-token x-session-affinity`
      .trim()
      .split(/\s+/),
  )('is %s', (name) => {
    expect(kindOf(name, [], bedrock)).toBe('noise')
  })

  it('is not what a row says steers the answer there', () => {
    expect([kindOf('accept'), kindOf('via'), kindOf('Accept', [], bedrock)]).toEqual(Array(3).fill('semantic'))
    expect(kindOf('accept', [], plain)).toBe('noise')
  })
})

describe('a credential', () => {
  it.each([
    'authorization',
    'x-api-key',
    'api-key',
    'x-goog-api-key',
    'cf-aig-authorization',
    'x-tenant',
    'cookie',
    'proxy-authorization',
    'ocp-apim-subscription-key',
    'x-portkey-api-key',
    'helicone-auth',
    'x-auth-token',
    'x-token',
    'private-token',
    'x-portkey-virtual-key',
    'x-functions-key',
    'x-access-key',
    'x-secret-key',
    'x_user_key',
    'x-bf-vk',
    'cf-access-jwt-assertion',
    'x-forwarded-access-token',
    'x-forwarded-email',
    'x-datadog-api-key',
  ])('is %s, whatever is ignored', (name) => {
    expect(kindOf(name.toUpperCase(), ['*', 'x-*', `${name.slice(0, -1)}?`])).toBe('credential')
  })

  it('is decided by each row on its own', () => {
    const classifierOf = createClassifiers([])
    expect(classifierOf(row)('x-tenant').kind).toBe('credential')
    expect(classifierOf({ ...row, credentials: [] })('x-tenant').kind).toBe('semantic')
  })

  it('stays one when more names come than are remembered', () => {
    const classify = createClassifiers([])(row)
    for (let at = 0; at < 3000; at++) classify(`x-${at}`)
    expect(classify('X-Api-Key')).toEqual({ lower: 'x-api-key', kind: 'credential' })
  })
})

describe('a control', () => {
  it.each([
    'x-llm-cache',
    'x-llm-cache-ttl',
    'x-llm-cache-anything',
    'cache-control',
    'pragma',
    'cache_key',
    'x-openrouter-cache',
    'x-openrouter-cache-ttl',
    'x-openrouter-cache-clear',
  ])('is %s, whatever is ignored', (name) => {
    expect(kindOf(name, ['*', 'x-*'])).toBe('control')
  })
})

describe('ignoreHeaders', () => {
  it.each<[string, string]>([
    ['x-release', 'X-Release'],
    ['X-Release', 'x-release'],
    ['x-acme-*', 'x-acme-call.7'],
    ['X-ACME-*', 'x-acme-'],
    ['x-{one,two}-id', 'x-two-id'],
    ['.well*', '.well-known'],
    ['openai-*', 'openai-organization'],
    ['accept', 'accept'],
    ['*', 'anything'],
  ])('%s leaves %s out', (pattern, name) => {
    expect(kindOf(name, [pattern])).toBe('noise')
  })

  it.each<[string, string]>([
    ['x-release', 'x-release-2'],
    ['x-acme-*', 'x-acm'],
    ['x-acme-*', 'y-x-acme-1'],
  ])('%s leaves %s in', (pattern, name) => {
    expect(kindOf(name, [pattern])).toBe('semantic')
  })

  it('leaves the media type and the coding of a body in', () => {
    expect([kindOf('content-type', ['*']), kindOf('content-encoding', ['content-*'])]).toEqual([
      'content-type',
      'content-encoding',
    ])
  })
})
