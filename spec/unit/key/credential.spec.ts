import { describe, expect, it } from 'vitest'
import { PROVIDERS } from '../../../lib/providers/hosts.ts'
import type { ProviderRow } from '../../../lib/providers/provider.ts'
import { CredentialDigests } from '../../../lib/key/credential.ts'
import { createClassifiers } from '../../../lib/request/header-kind.ts'
import { readHeaders } from '../../../lib/request/headers.ts'

const [openai] = PROVIDERS
const row: ProviderRow = openai ?? { id: 'none', hosts: [], endpoints: [] }

function digestOf(headers: Record<string, string>, search = ''): string {
  return new CredentialDigests().of(readHeaders(headers, createClassifiers([])(row)), search, row)
}

function sigV4(id: string, day: string, region: string, service: string, signature: string): Record<string, string> {
  const scope = `${id}/${day}/${region}/${service}/aws4_request`
  return {
    Authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
  }
}

describe('the credential digest', () => {
  it('is one fixed value where there is no credential', () => {
    expect(digestOf({})).toBe(digestOf({ accept: '*/*' }, '?alt=sse'))
    expect(digestOf({})).toMatch(/^[0-9a-f]{64}$/)
  })

  it('tells credentials, their headers and their number apart', () => {
    const digests = [
      digestOf({}),
      digestOf({ authorization: 'Bearer a' }),
      digestOf({ authorization: 'Bearer b' }),
      digestOf({ authorization: 'a' }),
      digestOf({ 'x-api-key': 'a' }),
      digestOf({ 'api-key': 'a' }),
      digestOf({ 'x-goog-api-key': 'a' }),
      digestOf({ 'cf-aig-authorization': 'a' }),
      digestOf({ 'cf-aig-authorization': 'a', authorization: 'Bearer a' }),
      digestOf({ 'cf-aig-authorization': 'b', authorization: 'Bearer a' }),
      digestOf({}, '?key=a'),
      digestOf({}, '?key=b'),
      digestOf({}, '?api_key=a'),
      digestOf({}, '?access_token=a'),
      digestOf({}, '?KEY=a'),
    ]
    expect(new Set(digests).size).toBe(digests.length)
  })

  it('does not depend on the order or the case of headers', () => {
    const one = digestOf({ Authorization: 'Bearer a', 'CF-AIG-Authorization': 'b' })
    expect(digestOf({ 'cf-aig-authorization': 'b', authorization: 'Bearer a' })).toBe(one)
  })

  it('is the same whatever credential came before', () => {
    const digests = new CredentialDigests()
    const of = (headers: Record<string, string>, search = ''): string =>
      digests.of(readHeaders(headers, createClassifiers([])(row)), search, row)
    const calls = [
      [{ authorization: 'a' }, ''],
      [{ authorization: 'a' }, ''],
      [{ authorization: 'b' }, ''],
      [{ 'x-api-key': 'b' }, ''],
      [{}, '?key=b'],
      [{}, ''],
      [{ authorization: 'a' }, ''],
    ] as const
    for (const [headers, search] of calls) expect(of(headers, search)).toBe(digestOf(headers, search))
  })

  it('does not let one value run into the next', () => {
    const two = digestOf({ authorization: 'a', 'x-api-key': 'b' })
    for (const between of ['', ':', '\0', ',', '1:', '9:x-api-key1:']) {
      expect(digestOf({ authorization: `a${between}x-api-key${between}b` })).not.toBe(two)
    }
  })

  it('counts SigV4 by access key id, region and service only', () => {
    const one = digestOf(sigV4('AKIA1', '20260102', 'us-east-1', 'bedrock', 'aa'))
    expect(digestOf(sigV4('AKIA1', '20261231', 'us-east-1', 'bedrock', 'bb'))).toBe(one)
    expect(digestOf(sigV4('AKIA2', '20260102', 'us-east-1', 'bedrock', 'aa'))).not.toBe(one)
    expect(digestOf(sigV4('AKIA1', '20260102', 'eu-west-1', 'bedrock', 'aa'))).not.toBe(one)
    expect(digestOf(sigV4('AKIA1', '20260102', 'us-east-1', 'sagemaker', 'aa'))).not.toBe(one)
  })

  it('counts a presigned URL by its scope only', () => {
    const url = (id: string, day: string, signature: string): string =>
      `?X-Amz-Credential=${id}%2F${day}%2Fus-east-1%2Fbedrock%2Faws4_request&X-Amz-Signature=${signature}`
    expect(digestOf({}, url('AKIA1', '20260102', 'aa'))).toBe(digestOf({}, url('AKIA1', '20260103', 'bb')))
    expect(digestOf({}, url('AKIA1', '20260102', 'aa'))).not.toBe(digestOf({}, url('AKIA2', '20260102', 'aa')))
  })

  it('counts the whole header where SigV4 can not be read', () => {
    const broken = (rest: string): string => digestOf({ authorization: `AWS4-HMAC-SHA256 ${rest}` })
    expect(broken('Signature=a')).not.toBe(broken('Signature=b'))
  })

  it("counts a row's own credential header, also of headers that were read for another row", () => {
    const own = { ...row, credentials: ['x-tenant'] }
    const digest = (tenant: string): string =>
      new CredentialDigests().of(readHeaders({ 'x-tenant': tenant }, createClassifiers([])(row)), '', own)
    expect(digest('a')).not.toBe(digest('b'))
  })
})
