import { memberOf } from '../../base/check.ts'
import { type ImportedCall, isoDate } from './imported-call.ts'

/** Reads an HTTP archive; `undefined` if it is something else. http://www.softwareishard.com/blog/har-12-spec/ */
export function readHar(source: unknown): ImportedCall[] | undefined {
  const entries = memberOf(memberOf(source, 'log'), 'entries')
  return Array.isArray(entries) ? entries.map(toCall) : undefined
}

function toCall(entry: unknown): ImportedCall {
  const request = memberOf(entry, 'request')
  const response = memberOf(entry, 'response')
  const content = memberOf(response, 'content')
  const coding = memberOf(content, 'encoding') === 'base64' ? 'base64' : 'utf8'
  return {
    method: String(memberOf(request, 'method')),
    url: String(memberOf(request, 'url')),
    requestHeaders: headersOf(request),
    requestBody: Buffer.from(String(memberOf(memberOf(request, 'postData'), 'text') ?? '')),
    status: Number(memberOf(response, 'status')),
    statusText: String(memberOf(response, 'statusText') ?? ''),
    responseHeaders: headersOf(response),
    responseBody: Buffer.from(String(memberOf(content, 'text') ?? ''), coding),
    isDecoded: true,
    recordedAt: isoDate(memberOf(entry, 'startedDateTime')),
  }
}

/** Without HTTP/2's pseudo-headers, which repeat the method and the URL. */
function headersOf(message: unknown): [name: string, value: string][] {
  const headers = memberOf(message, 'headers')
  if (!Array.isArray(headers)) return []
  const pairs = headers.map((header: unknown): [string, string] => [
    String(memberOf(header, 'name')),
    String(memberOf(header, 'value')),
  ])
  return pairs.filter(([name]) => !name.startsWith(':'))
}
