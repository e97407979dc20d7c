import { LlmCacheError } from '../../base/errors.ts'
import { codingsOf, decode } from '../../wire/codings.ts'
import type { CassetteEntry } from '../entry.ts'
import { createKeys, type Keys, shortKey } from '../keys.ts'
import { recordRequest } from '../request.ts'
import { recordResponse } from '../response.ts'
import { type CassetteScope, createCassetteScope, type ScopeOptions } from '../scope.ts'
import { type FoundSecret, findSecrets } from '../secrets.ts'
import { readHar } from './har.ts'
import type { ImportedCall } from './imported-call.ts'
import { readSnapshots } from './snapshot-agent.ts'
import { readVcr } from './vcr.ts'

/** The result of an import. */
export interface Imported {
  readonly entries: readonly CassetteEntry[]
  /** Number of calls left out because a cassette with these options would not record them. */
  readonly others: number
  /** Calls left out because they seem to contain a secret. */
  readonly refused: readonly { readonly url: string; readonly secret: FoundSecret }[]
}

/**
 * Reads the recording of another tool: undici's SnapshotAgent, VCR.py, Ruby's VCR, or an HTTP archive. Credentials are
 * left out, as in this package's own recordings.
 *
 * @param text the content of the file.
 * @throws LlmCacheError `ERR_LLM_CACHE_CASSETTE` for any other file.
 */
export async function importRecording(text: string, options: ScopeOptions): Promise<Imported> {
  const source = await parse(text)
  const calls = readHar(source) ?? readVcr(source) ?? readSnapshots(source)
  if (calls === undefined) {
    const kinds = "undici's SnapshotAgent, VCR.py, VCR (Ruby), HAR"
    throw new LlmCacheError('ERR_LLM_CACHE_CASSETTE', `This is no recording of a kind that is known (${kinds})`)
  }
  const scope = createCassetteScope(options)
  return toEntries(calls, scope, createKeys(scope, { ignoreFields: [], ignoreHeaders: [] }))
}

async function parse(text: string): Promise<unknown> {
  try {
    return JSON.parse(text)
  } catch {
    // Loaded here because it takes 20 ms and is only needed here.
    const { parse } = await import('yaml')
    return parseYaml(parse, text)
  }
}

/** `undefined` if it is not YAML: the parser's own message would show a part of the recording. */
function parseYaml(parse: typeof import('yaml').parse, text: string): unknown {
  try {
    // VCR.py writes bytes as `!!binary`, which only YAML 1.1 has.
    return parse(text, { version: '1.1', maxAliasCount: -1 })
  } catch {
    return undefined
  }
}

async function toEntries(calls: readonly ImportedCall[], scope: CassetteScope, keys: Keys): Promise<Imported> {
  const entries: CassetteEntry[] = []
  const refused: Imported['refused'][number][] = []
  const counts = new Map<string, number>()
  let others = 0
  for (const call of calls) {
    const entry = await toEntry(call, scope, keys)
    const [secret] = entry === undefined ? [] : findSecrets(entry, [])
    if (entry === undefined) others++
    else if (secret !== undefined) refused.push({ url: entry.url, secret })
    else {
      const ordinal = counts.get(entry.key) ?? 0
      counts.set(entry.key, ordinal + 1)
      entries.push({ ...entry, ordinal })
    }
  }
  return { entries, others, refused }
}

async function toEntry(call: ImportedCall, scope: CassetteScope, keys: Keys): Promise<CassetteEntry | undefined> {
  const { method, url, requestHeaders, requestBody } = call
  if (!URL.canParse(url)) return undefined
  const { origin, pathname, search } = new URL(url)
  const match = scope.find(method, origin, pathname + search)
  if (match === undefined) return undefined
  const headers = keys.headers(requestHeaders, match)
  const request = recordRequest({ match, method, headers }, requestBody)
  const identified = await keys.identify(request)
  return {
    ...request,
    key: shortKey(await keys.of(request)),
    ordinal: 0,
    recordedAt: call.recordedAt ?? new Date().toISOString(),
    response: responseOf(call, identified.facts.stream),
  }
}

/** Other tools store the bytes of a stream but not its chunks, so each event becomes a chunk. */
function responseOf(call: ImportedCall, isStream: boolean): CassetteEntry['response'] {
  const { status, statusText, responseHeaders } = call
  const head = { status, statusText, headers: responseHeaders.flat() }
  const coding = responseHeaders.find(([name]) => name.toLowerCase() === 'content-encoding')?.[1]
  const isDecoded = coding !== undefined
  const body = call.isDecoded ? call.responseBody : withoutCodings(call.responseBody, coding)
  return recordResponse({ bytes: () => ({ body, ends: endsOf(body), gaps: undefined }) }, { head, isDecoded, isStream })
}

const LARGEST = 2 ** 31 - 1

function withoutCodings(body: Uint8Array, contentEncoding: string | undefined): Uint8Array {
  try {
    return decode(body, codingsOf(contentEncoding), LARGEST) ?? body
  } catch {
    // Some recorders decode the body but keep the header.
    return body
  }
}

function endsOf(body: Uint8Array): Uint32Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const ends: number[] = []
  for (let at = bytes.indexOf('\n\n'); at !== -1; at = bytes.indexOf('\n\n', at + 2)) ends.push(at + 2)
  if (ends.at(-1) !== bytes.length && bytes.length > 0) ends.push(bytes.length)
  return Uint32Array.from(ends)
}
