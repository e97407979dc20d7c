import { memberOf } from '../../base/check.ts'
import { isObject } from '../../base/json.ts'
import { type ImportedCall, isoDate, pairsOf } from './imported-call.ts'

/**
 * Reads a file of undici's SnapshotAgent; `undefined` for any other file.
 * https://github.com/nodejs/undici/blob/main/docs/docs/api/SnapshotAgent.md
 */
export function readSnapshots(source: unknown): ImportedCall[] | undefined {
  const snapshots = listOf(source)
  return snapshots?.flatMap((snapshot) => {
    const responses = memberOf(snapshot, 'responses') ?? [memberOf(snapshot, 'response')]
    return Array.isArray(responses) ? responses.map((response) => toCall(snapshot, response)) : []
  })
}

/** The list of `{ hash, snapshot }`; in older versions it is an object by hash. */
function listOf(source: unknown): unknown[] | undefined {
  const list = Array.isArray(source) ? source.map((item) => memberOf(item, 'snapshot')) : undefined
  const snapshots = list ?? (isObject(source) ? Object.values(source) : [])
  const isOne = (snapshot: unknown): boolean => typeof memberOf(memberOf(snapshot, 'request'), 'url') === 'string'
  return snapshots.length > 0 && snapshots.every(isOne) ? snapshots : undefined
}

function toCall(snapshot: unknown, response: unknown): ImportedCall {
  const request = memberOf(snapshot, 'request')
  return {
    method: String(memberOf(request, 'method') ?? 'GET'),
    url: String(memberOf(request, 'url')),
    requestHeaders: pairsOf(memberOf(request, 'headers')),
    requestBody: Buffer.from(String(memberOf(request, 'body') ?? '')),
    status: Number(memberOf(response, 'statusCode')),
    statusText: '',
    responseHeaders: pairsOf(memberOf(response, 'headers')),
    responseBody: Buffer.from(String(memberOf(response, 'body') ?? ''), 'base64'),
    isDecoded: false,
    recordedAt: isoDate(memberOf(snapshot, 'timestamp')),
  }
}
