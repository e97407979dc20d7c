import { createMatcher } from '../../../lib/providers/match.ts'
import { PROVIDERS } from '../../../lib/providers/hosts.ts'
import { localRow } from '../../../lib/providers/hosts/local.ts'
import { DIALECTS } from '../../../lib/controls/dialects/dialect.ts'
import { createClassifiers } from '../../../lib/request/header-kind.ts'
import { readHeaders } from '../../../lib/request/headers.ts'
import type { Identified } from '../../../lib/key/identified-call.ts'
import { createIdentifier, type Identifier, type IdentifierOptions } from '../../../lib/key/identify.ts'
import type { KeyScope } from '../../../lib/key/key.ts'
import type { IdentifiableCall } from '../../../lib/key/keyed-call.ts'

const match = createMatcher([localRow('http://localhost:11434'), ...PROVIDERS])

/** The parts of a call that specs vary. */
export interface CallParts {
  readonly url?: string
  readonly method?: string
  readonly headers?: unknown
  readonly ignoreHeaders?: readonly string[]
}

export const OPENAI_CHAT = 'https://api.openai.com/v1/chat/completions'
export const PLAIN: KeyScope = { namespace: '', variant: 0 }

const JSON_HEADERS = { authorization: 'Bearer sk-one', 'content-type': 'application/json' }

/** A call as the interceptor hands it to the identifier. */
export function makeCall({
  url = OPENAI_CHAT,
  method = 'POST',
  headers = JSON_HEADERS,
  ignoreHeaders = [],
}: CallParts = {}): IdentifiableCall {
  const { origin, pathname, search } = new URL(url)
  const found = match(origin, pathname + search)
  if (found === undefined) throw new Error(`no row knows ${url}`)
  return { match: found, method, headers: readHeaders(headers, createClassifiers(ignoreHeaders)(found.provider)) }
}

/** An identifier with a cache's default options. */
export function makeIdentifier(options: Partial<IdentifierOptions> = {}): Identifier {
  return createIdentifier({
    canonicalLimit: 1024 * 1024,
    ignoreFields: [],
    identity: undefined,
    dialects: DIALECTS,
    ...options,
  })
}

/** Identifies one call, with an identifier of its own unless one is given. */
export async function identify(
  body: unknown,
  parts: CallParts = {},
  identifier: Identifier = makeIdentifier(),
): Promise<Identified> {
  const bytes = body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  return identifier.identify(makeCall(parts), bytes)
}

/** The key of one call. */
export async function keyOf(body: unknown, parts: CallParts = {}, scope: KeyScope = PLAIN): Promise<string> {
  return (await identify(body, parts)).key(scope)
}
