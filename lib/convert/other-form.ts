import type { JsonObject } from '../base/json.ts'
import { isPromiseLike } from '../base/promises.ts'
import type { FinderCall, Found } from '../finders/finder.ts'
import type { Variation } from '../key/keyed-call.ts'
import type { Match, RequestView } from '../providers/provider.ts'
import { queryValue } from '../request/query.ts'
import type { Entry } from '../stores/entry.ts'
import type { Sibling } from './conversion.ts'
import { CONVERSIONS } from './conversions.ts'
import { convertEntry, type Wanted } from './convert-entry.ts'
import { Lossy, TooLarge } from './lossy.ts'

const NONE: Found = Object.freeze({ use: 'none' })
const LOSSY: Found = Object.freeze({ use: 'none', detail: 'lossy' })
const TOO_LARGE: Found = Object.freeze({ use: 'none', detail: 'too-large' })

/**
 * Finds the answer to the same call in the other form, and converts it. The result is `none` with `lossy` or
 * `too-large` if the answer can't be converted. Synchronous without a second tier.
 */
export function findOtherForm(call: FinderCall, maxSize: number): Found | Promise<Found> {
  const { match, identity } = call
  const conversion = CONVERSIONS.get(match.endpoint.format.id)
  const body = conversion && identity.json()
  if (conversion === undefined || body === undefined) return NONE
  const request = viewOf(match, body)
  const keys = conversion.siblings(request).map((sibling) => call.keyOf(identity.vary(variationOf(match, sibling))))
  const wanted = { conversion, request, provider: match.provider.id, stream: identity.facts.stream, maxSize }
  const entries = keys.map((key) => call.get(key))
  if (entries.every(isHere)) return firstWhole(entries, wanted)
  return Promise.all(entries).then((found) => firstWhole(found, wanted))
}

function isHere(entry: Entry | undefined | Promise<Entry | undefined>): entry is Entry | undefined {
  return !isPromiseLike(entry)
}

function firstWhole(entries: readonly (Entry | undefined)[], wanted: Wanted): Found {
  let none = NONE
  for (const stored of entries) {
    if (stored === undefined) continue
    try {
      return { use: 'all', entry: convertEntry(stored, wanted), detail: 'converted' }
    } catch (error) {
      if (!(error instanceof Lossy)) throw error
      none = error instanceof TooLarge ? TOO_LARGE : LOSSY
    }
  }
  return none
}

function viewOf({ params, search }: Match, body: JsonObject): RequestView {
  return { body, params, query: (name) => queryValue(search, name), header: () => undefined }
}

function variationOf(match: Match, { body, action, query }: Sibling): Variation {
  const bytes = Buffer.from(JSON.stringify(body))
  return action === undefined ? { body: bytes } : { body: bytes, match: withAction(match, action, query ?? {}) }
}

/** The same call with another action at the end of its path: `…/models/gemini-3-pro:generateContent`. */
function withAction(match: Match, action: string, query: Required<Sibling>['query']): Match {
  const { pathname, params, search } = match
  const path = pathname.slice(0, pathname.length - (params.action ?? '').length) + action
  // The other parameters stay unchanged: a credential may be among them.
  const others = search
    .slice(1)
    .split('&')
    .filter((part) => part !== '' && !Object.hasOwn(query, nameOf(part)))
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
  const all = [...others, ...given].join('&')
  return { ...match, pathname: path, params: { ...params, action }, search: all === '' ? '' : `?${all}` }
}

function nameOf(part: string): string {
  return part.split('=', 1).join('')
}
