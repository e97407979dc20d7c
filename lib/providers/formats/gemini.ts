import type { Refusal } from '../../base/reasons.ts'
import { googleError } from './errors.ts'
import type { Format } from '../provider.ts'
import { type Json, type JsonObject, isObject } from '../../base/json.ts'
import type { Answer, Choice } from '../answer.ts'
import { countOf } from './asked.ts'
import { vetoOf } from './hosted.ts'
import { ORDERED } from './ordered.ts'
import { isFilled, list, number, object, text } from './read.ts'
import type { Value } from './read.ts'
import { isSteadyBody } from './sampling.ts'
import { noteArguments } from './tool-arguments.ts'
import { usageOf } from './usage.ts'
import { GEMINI_CONTENTS } from './conversations.ts'

/**
 * Gemini's `generateContent` and `streamGenerateContent`, on the Gemini API and on Vertex AI. A stream has no end
 * marker: it is whole when it ends cleanly with a finish reason on every candidate. Without `alt=sse` it is a JSON
 * array.
 */
export const geminiGenerate: Format = {
  id: 'gemini-generate',
  conversation: GEMINI_CONTENTS,
  docs: 'https://ai.google.dev/api/generate-content',
  // `functionResponse.response` is the caller's own JSON, `functionCall.args` the model's.
  ordered: [...ORDERED, '**.response'],
  streamField: undefined,
  errorShape: googleError,
  inspect(view) {
    const { body, params, query } = view
    const model = params.model ?? text(body.model)
    const config = object(body.generationConfig ?? body.generation_config)
    return {
      model,
      stream: params.action === 'streamGenerateContent' || query('alt') === 'sse',
      deterministic: isSteadyBody(config),
      choices: countOf(config.candidateCount ?? config.candidate_count),
      veto: vetoOf(view, model),
    }
  },
  observe({ data }, answer) {
    if (isObject(data)) observeChunk(data, answer)
    else for (const chunk of list(data)) observeChunk(object(chunk), answer)
  },
}

function observeChunk(chunk: JsonObject, answer: Answer): void {
  answer.usage = geminiUsage(chunk.usageMetadata) ?? answer.usage
  const blocked = object(chunk.promptFeedback).blockReason
  if (isFilled(blocked)) {
    answer.flags.add('content-filter')
    answer.choice('prompt').finished = true
  }
  for (const [position, candidate] of list(chunk.candidates).entries()) {
    const { index, finishReason, content } = object(candidate)
    const choice = answer.choice(number(index) ?? position)
    for (const part of list(object(content).parts)) {
      if (hasContent(part)) choice.addContent()
      noteArguments(answer, object(object(part).functionCall).args)
    }
    noteReason(answer, choice, finishReason)
  }
}

/** `thought` parts are reasoning; a signature alone is no content. */
function hasContent(part: Json): boolean {
  if (!isObject(part) || part.thought === true) return false
  return Object.entries(part).some(
    ([name, value]) => name !== 'thought' && name !== 'thoughtSignature' && isFilled(value),
  )
}

const FILTERS: ReadonlySet<string> = new Set(
  `SAFETY RECITATION BLOCKLIST PROHIBITED_CONTENT SPII MODEL_ARMOR
  IMAGE_SAFETY IMAGE_RECITATION IMAGE_PROHIBITED_CONTENT`.split(/\s+/),
)
const BROKEN_CALLS: ReadonlySet<string> = new Set(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL'])

/** https://ai.google.dev/api/generate-content#FinishReason: only STOP and MAX_TOKENS are answers. */
function noteReason(answer: Answer, choice: Choice, reason: Value): void {
  if (typeof reason !== 'string' || reason === '' || reason === 'FINISH_REASON_UNSPECIFIED') return
  choice.finished = true
  if (reason !== 'STOP') answer.flags.add(refusalOf(reason))
}

/** OTHER, LANGUAGE, NO_IMAGE and any new reason: the model gave up. */
function refusalOf(reason: string): Refusal {
  if (reason === 'MAX_TOKENS') return 'length'
  if (BROKEN_CALLS.has(reason)) return 'broken-tool-call'
  return FILTERS.has(reason) ? 'content-filter' : 'error'
}

/** https://ai.google.dev/api/generate-content#UsageMetadata */
function geminiUsage(value: Value): ReturnType<typeof usageOf> {
  const usage = object(value)
  const thoughts = number(usage.thoughtsTokenCount)
  const candidates = number(usage.candidatesTokenCount)
  return usageOf({
    input: number(usage.promptTokenCount),
    output: candidates === undefined ? thoughts : candidates + (thoughts ?? 0),
    cached: number(usage.cachedContentTokenCount),
  })
}
