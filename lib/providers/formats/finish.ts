import type { Refusal } from '../../base/reasons.ts'
import type { Answer, Choice } from '../answer.ts'
import type { Value } from './read.ts'

type Outcome = 'done' | Refusal

const DONE = `stop stop_sequence end_turn complete completed finish finished eos eos_token endoftext stop_criteria_met
  tool_calls tool_call tool-calls tool_use function_call`
const LENGTH = 'length max_tokens max_output_tokens model_length model_context_window_exceeded token_limit'
const FILTERED = `content_filter content-filter content_filtered filtered guardrail_intervened safety sensitive
  error_toxic recitation blocklist prohibited_content spii`
const FAILED = `error failed timeout error_limit user_cancel cancel cancelled canceled abort aborted unload
  insufficient_system_resource network_error malformed_model_output`
const BROKEN_CALL = 'malformed_tool_use malformed_function_call malformed_tool_call'

const table = (names: string, outcome: Outcome): [string, Outcome][] =>
  names.split(/\s+/).map((name) => [name, outcome])

const OUTCOMES: ReadonlyMap<string, Outcome> = new Map([
  ...table(DONE, 'done'),
  ...table(LENGTH, 'length'),
  ...table(FILTERED, 'content-filter'),
  ...table(FAILED, 'error'),
  ...table(BROKEN_CALL, 'broken-tool-call'),
  ['refusal', 'refusal'],
  ['pause_turn', 'pause-turn'],
])

/**
 * Notes why a choice ended, by the names of OpenAI, Anthropic, Cohere, Bedrock, Mistral, DeepSeek, Together, Hugging
 * Face and others. An unknown reason finishes nothing: such an answer is delivered, but never stored. Some servers send
 * an empty reason for "not yet".
 */
export function noteFinish(answer: Answer, choice: Choice, reason: Value): void {
  const outcome = typeof reason === 'string' ? OUTCOMES.get(reason.toLowerCase()) : undefined
  if (outcome === undefined) return
  choice.finished = true
  if (outcome !== 'done') answer.flags.add(outcome)
}
