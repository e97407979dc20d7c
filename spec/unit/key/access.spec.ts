import { describe, expect, test } from 'vitest'
import { isRotating } from '../../../lib/key/access.ts'
import type { Identified } from '../../../lib/key/identified-call.ts'
import { PLAIN_SCOPE } from '../../../lib/key/key.ts'
import { identify, makeIdentifier } from './call.ts'

const BODY = '{"model":"gpt-5","messages":[]}'
const SIGNED = 'AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20270101/us-east-1/bedrock/aws4_request, Signature=f00'

async function secretOf(headers: Record<string, string>, identifier = makeIdentifier()): Promise<string | undefined> {
  const identified: Identified = await identify(BODY, { headers }, identifier)
  return identified.access(PLAIN_SCOPE)?.secret()?.export().toString('hex')
}

describe('what a store may know of a caller', () => {
  test('is one secret for a credential, whatever the call, and another one for each other', async () => {
    const one = await secretOf({ authorization: 'Bearer sk-one' })
    expect(one).toMatch(/^[0-9a-f]{64}$/)
    expect(await secretOf({ authorization: 'Bearer sk-one', 'x-other': '1' })).toBe(one)
    expect(await secretOf({ authorization: 'Bearer sk-two' })).not.toBe(one)
    expect(await secretOf({ 'x-api-key': 'Bearer sk-one' })).not.toBe(one)
  })

  test('is the same object each time, so that what is made of it can be kept', async () => {
    const identifier = makeIdentifier()
    const access = async (): Promise<unknown> => {
      const identified = await identify(BODY, { headers: { authorization: 'Bearer sk-one' } }, identifier)
      return identified.access(PLAIN_SCOPE)?.secret()
    }
    expect(await access()).toBe(await access())
  })

  test.each<[string, Record<string, string>]>([
    ['no credential', {}],
    ['an empty key', { authorization: 'Bearer ' }],
    ['a signature, whose key is not sent', { authorization: SIGNED }],
  ])('is no secret where the call has %s', async (_what, headers) => {
    expect(await secretOf(headers)).toBeUndefined()
  })

  test('is what else there is beside a signature', async () => {
    const secret = await secretOf({ authorization: SIGNED, 'cf-aig-authorization': 'Bearer cf' })
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(await secretOf({ authorization: SIGNED.replace('f00', 'f01'), 'cf-aig-authorization': 'Bearer cf' })).toBe(
      secret,
    )
  })

  test('is nothing where `identity` stands in the place of credentials', async () => {
    const identified = await identify(
      BODY,
      { headers: { authorization: 'Bearer sk-one' } },
      makeIdentifier({ identity: () => 'x' }),
    )
    expect(identified.access(PLAIN_SCOPE)).toBeUndefined()
  })

  test('is nothing where hosts with different credentials share', async () => {
    const identified = await identify(BODY, { headers: { authorization: 'Bearer sk-one' } })
    const scope = { namespace: '', variant: 0, anyProvider: true, cacheKey: 'shared' }
    expect(identified.access(scope)).toBeUndefined()
    expect(identified.access({ ...scope, anyProvider: false })?.secret()).toBeDefined()
  })
})

describe('a credential that rotates', () => {
  const jwt = (claims: object): string =>
    `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`
  const now = Math.floor(Date.now() / 1000)

  test.each<[string, string, boolean]>([
    ["Google's access token", 'Bearer ya29.a0Ad52N3', true],
    ["AWS's temporary key", SIGNED.replace('AKIA', 'ASIA'), true],
    ["AWS's permanent key", SIGNED, false],
    ['a JWT of an hour', `Bearer ${jwt({ iat: now, exp: now + 3600 })}`, true],
    ['a JWT of an hour without its begin', jwt({ exp: now + 3600 }), true],
    ['a JWT of a year, as some providers give out', `Bearer ${jwt({ iat: now, exp: now + 31_536_000 })}`, false],
    ['a JWT without an end', `Bearer ${jwt({ sub: 'x' })}`, false],
    ['what only looks like a JWT', 'Bearer eyJ.%%%.x', false],
    ['an API key', 'Bearer sk-proj-1', false],
  ])('%s: %s', (_what, value, expected) => {
    expect(isRotating(value)).toBe(expected)
  })
})
