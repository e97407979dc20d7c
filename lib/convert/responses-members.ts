import type { JsonObject } from '../base/json.ts'
import type { Value } from '../providers/formats/read.ts'
import { known, lossy, names, objectAt, textAt } from './lossy.ts'

const RESPONSE = names(`id object created_at completed_at status background error incomplete_details instructions
  max_output_tokens max_tool_calls model output parallel_tool_calls previous_response_id prompt prompt_cache_key
  prompt_cache_retention prompt_cache_options prompt_cache_diagnostics reasoning safety_identifier service_tier store
  temperature text tool_choice tool_usage tools top_logprobs top_p truncation usage user metadata moderation
  content_filters presence_penalty frequency_penalty billing access_programs conversation status_details provider`)

/** Returns `value` if it is a response whose members are all known; otherwise lossy. */
export function knownResponse(value: Value): JsonObject {
  return known(objectAt(value, 'response'), RESPONSE, 'response')
}

const MEMBERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  // Output items
  ['message', names('id type status role content phase')],
  ['reasoning', names('id type status summary content encrypted_content format signature')],
  ['function_call', names('id type status call_id name namespace arguments caller async')],
  ['custom_tool_call', names('id type status call_id name namespace input caller async')],
  ['local_shell_call', names('id type status call_id action')],
  ['tool_search_call', names('id type status call_id arguments execution')],
  // Parts of messages and of reasoning
  ['output_text', names('type text annotations logprobs')],
  ['refusal', names('type refusal')],
  ['reasoning_text', names('type text')],
  ['summary_text', names('type text')],
])

/** Returns `value` if it is an output item, or part of one, whose members are all known; otherwise lossy. */
export function knownTyped(value: Value): JsonObject & { readonly type: string } {
  const typed = objectAt(value, 'item')
  const type = textAt(typed.type, 'type')
  return { ...known(typed, MEMBERS.get(type) ?? lossy(type), type), type }
}

/**
 * Texts that are streamed in pieces. The key is the middle of their events' names, the value is the member with the
 * whole text.
 */
export const TEXT_MEMBERS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    output_text: 'text',
    refusal: 'refusal',
    reasoning_text: 'text',
    reasoning_summary_text: 'text',
    function_call_arguments: 'arguments',
    custom_tool_call_input: 'input',
  }),
)
