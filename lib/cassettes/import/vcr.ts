import { memberOf } from '../../base/check.ts'
import { type ImportedCall, isoDate, pairsOf } from './imported-call.ts'

/**
 * Reads a cassette of VCR.py (https://vcrpy.readthedocs.io) or of Ruby's VCR (https://benoittgt.github.io/vcr), parsed
 * from its YAML or JSON; `undefined` if it is something else.
 */
export function readVcr(source: unknown): ImportedCall[] | undefined {
  const interactions = memberOf(source, 'interactions') ?? memberOf(source, 'http_interactions')
  return Array.isArray(interactions) ? interactions.map(toCall) : undefined
}

function toCall(interaction: unknown): ImportedCall {
  const request = memberOf(interaction, 'request')
  const response = memberOf(interaction, 'response')
  const status = memberOf(response, 'status')
  return {
    method: String(memberOf(request, 'method')).toUpperCase(),
    url: String(memberOf(request, 'uri') ?? memberOf(request, 'url')),
    requestHeaders: pairsOf(memberOf(request, 'headers')),
    requestBody: bodyOf(request),
    status: Number(memberOf(status, 'code') ?? memberOf(response, 'status_code') ?? status),
    statusText: String(memberOf(status, 'message') ?? ''),
    responseHeaders: pairsOf(memberOf(response, 'headers')),
    responseBody: bodyOf(response),
    // With `decode_compressed_response` the recorder removes the header as well.
    isDecoded: memberOf(response, 'parsed_body') !== undefined,
    recordedAt: isoDate(memberOf(interaction, 'recorded_at')),
  }
}

/** Bodies are written as text, bytes, `{ string }`, `{ base64_string }`, or, by one serializer, as `parsed_body`. */
function bodyOf(message: unknown): Uint8Array {
  const parsed = memberOf(message, 'parsed_body')
  if (parsed !== undefined) return Buffer.from(JSON.stringify(parsed))
  const body = memberOf(message, 'body')
  const encoded = memberOf(body, 'base64_string')
  if (typeof encoded === 'string') return Buffer.from(encoded, 'base64')
  const text = memberOf(body, 'string') ?? body
  if (text instanceof Uint8Array) return text
  return Buffer.from(typeof text === 'string' ? text : '')
}
