import { decodeUtf8 } from '../base/bytes.ts'
import { isObject, parseJson } from '../base/json.ts'
import type { Match } from '../providers/provider.ts'
import type { RequestHeaders } from '../request/headers.ts'
import { publish } from '../telemetry/diagnostics.ts'
import { type ReadRequest, readRequest } from '../telemetry/prompt-cache/advice.ts'

/** The parts of a call that concern its provider's own prompt cache. */
export interface PromptCall {
  readonly match: Match
  readonly model: string | undefined
  readonly headers: RequestHeaders | undefined
  readonly body: string | Uint8Array
}

/** A longer body is not read a second time. */
const MAX_BODY = 4 * 1024 * 1024

/** Reads a call and publishes advice on it; `undefined` if the body is too large or not a JSON object. */
export function readPrompt({ match, model, headers, body }: PromptCall): ReadRequest | undefined {
  if (body.length > MAX_BODY) return undefined
  const parsed = parseJson(typeof body === 'string' ? body : decodeUtf8(body))
  if (!isObject(parsed)) return undefined
  const beta = headers?.get('anthropic-beta')
  const read = readRequest({ provider: match.provider.id, model, body: parsed, beta })
  for (const advice of read.advice) publish('undici-llm-cache:advice', () => advice)
  return read
}
