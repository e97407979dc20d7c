import { isObject, type Json, type JsonObject } from '../base/json.ts'
import type { RequestView } from '../providers/provider.ts'
import { isFilled, list as itemsOf, object, type Value } from '../providers/formats/read.ts'
import { exactJson } from './exact-json.ts'
import type { Conversion, Sibling, StreamEvent } from './conversion.ts'
import { indexAt, known, listAt, lossy, names, objectAt, textAt } from './lossy.ts'
import { omit, opened, pick } from './members.ts'
import { piecesOf } from './pieces.ts'

/**
 * Anthropic's Messages API.
 * https://docs.claude.com/en/docs/build-with-claude/streaming
 */
export const anthropicConversion: Conversion = { siblings, assemble, split }

const EAGER = names('eager_input_streaming')

/**
 * `stream` and the tools' `eager_input_streaming` say only which form is wanted. The AI SDK adds the latter to every
 * tool of a stream; an app that sets it itself may do so in both forms.
 */
function siblings({ body }: RequestView): readonly Sibling[] {
  const { stream, ...asked } = body
  const plain = withTools(asked, (tool) => omit(tool, EAGER))
  const isSet = itemsOf(asked.tools).some((tool) => object(tool).eager_input_streaming !== undefined)
  const bodies = isSet ? [asked, plain] : [plain]
  if (stream === true) return bodies.map((one) => ({ body: one }))
  const eager = withTools(plain, (tool) => (isCustom(tool) ? { ...tool, eager_input_streaming: true } : tool))
  const streams = eager === plain ? bodies : [...bodies, eager]
  return streams.map((one) => ({ body: { ...one, stream: true } }))
}

function withTools(body: JsonObject, change: (tool: JsonObject) => JsonObject): JsonObject {
  const { tools } = body
  if (!Array.isArray(tools) || tools.length === 0) return body
  return { ...body, tools: tools.map((tool: Json) => (isObject(tool) ? change(tool) : tool)) }
}

/** Whether the app runs the tool. Anthropic's own tools have another `type`, and no `eager_input_streaming`. */
function isCustom({ type }: JsonObject): boolean {
  return type === undefined || type === 'custom'
}

const MESSAGE = names(`id type role model content stop_reason stop_sequence stop_details usage container
  context_management diagnostics`)
const DELTA = names('stop_reason stop_sequence stop_details container')
const EVENT = names('type index message content_block delta usage context_management')
const BLOCK_DELTA = names('type text thinking signature citation partial_json')
/** Members of `usage` that only the last event of a stream has. */
const LATE = names('output_tokens_details server_tool_use iterations')
/** Members of `usage` whose counts in the last event replace earlier ones. */
const CUMULATIVE = names(`input_tokens output_tokens cache_creation_input_tokens cache_read_input_tokens
  output_tokens_details server_tool_use iterations`)

const RESULT = names('type tool_use_id content caller')
const TOOL_USE = names('type id name input caller')

/** The known types of block, and the members of each. */
const BLOCKS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['text', names('type text citations')],
  ['thinking', names('type thinking signature')],
  ['redacted_thinking', names('type data')],
  ['tool_use', TOOL_USE],
  ['server_tool_use', TOOL_USE],
  ['mcp_tool_use', names('type id name input server_name')],
  ['mcp_tool_result', names('type tool_use_id content is_error')],
  ['web_search_tool_result', RESULT],
  ['web_fetch_tool_result', RESULT],
  ['code_execution_tool_result', RESULT],
  ['bash_code_execution_tool_result', RESULT],
  ['text_editor_code_execution_tool_result', RESULT],
  ['tool_search_tool_result', RESULT],
])

function knownBlock(value: Value): JsonObject {
  const block = objectAt(value, 'content_block')
  const type = textAt(block.type, 'content_block.type')
  return known(block, BLOCKS.get(type) ?? lossy(type), type)
}

/** The message as read so far. */
interface Draft {
  message: JsonObject | undefined
  readonly blocks: JsonObject[]
  /** The JSON text of tool inputs, by block index. */
  readonly inputs: Map<number, string>
}

function assemble(events: readonly StreamEvent[]): JsonObject {
  const draft: Draft = { message: undefined, blocks: [], inputs: new Map() }
  for (const { data } of events) note(draft, known(objectAt(data, 'event'), EVENT, 'event'))
  const content = draft.blocks.map((block, at) => {
    const input = draft.inputs.get(at) ?? ''
    return input === '' ? block : { ...block, input: exactJson(input) }
  })
  return { ...objectAt(draft.message, 'message_start'), content }
}

function note(draft: Draft, event: JsonObject): void {
  switch (event.type) {
    case 'message_start':
      if (draft.message !== undefined) lossy('message_start')
      draft.message = known(objectAt(event.message, 'message'), MESSAGE, 'message')
      return
    case 'content_block_start':
      if (event.index !== draft.blocks.length) lossy('index')
      draft.blocks.push(knownBlock(event.content_block))
      return
    case 'content_block_delta':
      return noteDelta(
        draft,
        indexAt(event.index, draft.blocks.length - 1, 'index'),
        known(objectAt(event.delta, 'delta'), BLOCK_DELTA, 'delta'),
      )
    case 'message_delta':
      draft.message = withDelta(objectAt(draft.message, 'message_start'), event)
      return
    case 'content_block_stop':
    case 'message_stop':
    case 'ping':
      return
    default:
      lossy('event')
  }
}

function noteDelta({ blocks, inputs }: Draft, at: number, delta: JsonObject): void {
  const block = blocks[at] ?? {}
  switch (delta.type) {
    case 'text_delta':
      blocks[at] = { ...block, text: textAt(block.text, 'text') + textAt(delta.text, 'text') }
      return
    case 'thinking_delta':
      blocks[at] = { ...block, thinking: textAt(block.thinking, 'thinking') + textAt(delta.thinking, 'thinking') }
      return
    case 'signature_delta':
      if (block.type !== 'thinking' || isFilled(block.signature)) lossy('signature')
      blocks[at] = { ...block, signature: textAt(delta.signature, 'signature') }
      return
    case 'citations_delta':
      if (block.type !== 'text') lossy('citations')
      blocks[at] = { ...block, citations: [...itemsOf(block.citations), delta.citation ?? null] }
      return
    case 'input_json_delta':
      if (isFilled(block.input) || !isObject(block.input)) lossy('input')
      inputs.set(at, (inputs.get(at) ?? '') + textAt(delta.partial_json, 'partial_json'))
      return
    default:
      lossy('delta')
  }
}

/**
 * Merges in a `message_delta`: the stop reason and the final counts. A count that it leaves out or sends as `null`
 * keeps its earlier value.
 */
function withDelta(message: JsonObject, { delta, usage, context_management: edits }: JsonObject): JsonObject {
  const before = object(message.usage)
  const counted = Object.entries(object(usage)).filter(([name, value]) => value !== null || before[name] === undefined)
  return {
    ...message,
    ...known(objectAt(delta, 'delta'), DELTA, 'delta'),
    ...(edits === undefined ? {} : { context_management: edits }),
    usage: { ...before, ...Object.fromEntries(counted) },
  }
}

type Event = JsonObject & { readonly type: string }

function split(document: JsonObject): readonly StreamEvent[] {
  const { content, usage } = known(document, MESSAGE, 'message')
  const counts = objectAt(usage, 'usage')
  const start = opened(omit(document, EDITS), {
    content: [],
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
  })
  const { container, context_management: edits } = document
  const delta = omit(pick(document, DELTA), container === null ? CONTAINER : NONE)
  const events: Event[] = [
    { type: 'message_start', message: { ...start, usage: opened(omit(counts, LATE), { output_tokens: 0 }) } },
    ...listAt(content, 'content').flatMap((block, index) => splitBlock(knownBlock(block), index)),
    {
      type: 'message_delta',
      delta,
      usage: pick(counts, CUMULATIVE),
      ...(edits === undefined ? {} : { context_management: edits }),
    },
    { type: 'message_stop' },
  ]
  return events.map((data) => ({ name: data.type, data }))
}

/** Members that only the last event has. */
const EDITS = names('context_management')
const CONTAINER = names('container')
const NONE: ReadonlySet<string> = new Set()

function splitBlock(block: JsonObject, index: number): Event[] {
  const isCited = Array.isArray(block.citations)
  const open = opened(block, {
    text: '',
    thinking: '',
    signature: '',
    input: {},
    ...(isCited ? { citations: [] } : {}),
  })
  return [
    { type: 'content_block_start', index, content_block: open },
    // Anthropic sends a ping after the start of the first block.
    ...(index === 0 ? [{ type: 'ping' }] : []),
    ...splitDeltas(block).map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ]
}

function splitDeltas(block: JsonObject): JsonObject[] {
  if (block.type === 'text') {
    const texts = piecesOf(textAt(block.text, 'text')).map((text) => ({ type: 'text_delta', text }))
    return [...texts, ...itemsOf(block.citations).map((citation) => ({ type: 'citations_delta', citation }))]
  }
  if (block.type === 'thinking') {
    const { signature } = block
    const thoughts = piecesOf(textAt(block.thinking, 'thinking'))
    const deltas = thoughts.map((thinking) => ({ type: 'thinking_delta', thinking }))
    return isFilled(signature) ? [...deltas, { type: 'signature_delta', signature }] : deltas
  }
  return block.input === undefined ? [] : splitInput(objectAt(block.input, 'input'))
}

/**
 * Cuts the input's JSON into pieces. As at Anthropic, the first piece is always empty; an empty input has no other
 * piece.
 */
function splitInput(input: JsonObject): JsonObject[] {
  const pieces = isFilled(input) ? piecesOf(JSON.stringify(input)) : []
  return ['', ...pieces].map((json) => ({ type: 'input_json_delta', partial_json: json }))
}
