import type { JsonObject } from '../base/json.ts'
import type { RequestView } from '../providers/provider.ts'
import { assembleResponse } from './assemble-response.ts'
import type { Conversion, Sibling } from './conversion.ts'
import { names } from './lossy.ts'
import { omit } from './members.ts'
import { splitResponse } from './split-response.ts'

/**
 * OpenAI's Responses API, and compatible APIs.
 * https://platform.openai.com/docs/api-reference/responses-streaming
 */
export const responsesConversion: Conversion = { siblings, assemble: assembleResponse, split: splitResponse }

const FORM_MEMBERS = names('stream stream_options')
const STREAM_OPTIONS: readonly JsonObject[] = [
  { stream: true },
  { stream: true, stream_options: { include_obfuscation: false } },
]

function siblings({ body }: RequestView): readonly Sibling[] {
  const rest = omit(body, FORM_MEMBERS)
  return body.stream === true ? [{ body: rest }] : STREAM_OPTIONS.map((options) => ({ body: { ...rest, ...options } }))
}
