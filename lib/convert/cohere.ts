import type { Json, JsonObject } from '../base/json.ts'
import type { RequestView } from '../providers/provider.ts'
import { isFilled, list as itemsOf, object, text as textOf, type Value } from '../providers/formats/read.ts'
import type { Conversion, Sibling, StreamEvent } from './conversion.ts'
import { indexAt, known, lossy, names, objectAt, textAt } from './lossy.ts'
import { merge, nested, type MergeRules, rules, same, text } from './merge.ts'
import { piecesOf } from './pieces.ts'

/**
 * Cohere's chat, version 2.
 * https://docs.cohere.com/v2/docs/streaming
 */
export const cohereConversion: Conversion = { siblings, assemble, split }

function siblings({ body }: RequestView): readonly Sibling[] {
  const { stream, ...rest } = body
  return [{ body: stream === true ? rest : { ...rest, stream: true } }]
}

const DOCUMENT = names('id message finish_reason usage logprobs')
const MESSAGE = names('role content tool_plan tool_calls citations')
const EVENT = names('type id index delta logprobs')
const DELTA = names('message finish_reason usage')
const END = names('finish_reason usage')
const BLOCK = rules({ type: same, text, thinking: text })
const CALL = rules({ id: same, type: same, function: nested(rules({ name: same, arguments: text })) })
const CITATION = rules({ start: same, end: same, text: same, sources: same, type: same, content_index: same })

/** The message as read so far. */
interface Draft {
  start: JsonObject | undefined
  end: JsonObject
  plan: string
  readonly content: JsonObject[]
  readonly calls: JsonObject[]
  readonly citations: JsonObject[]
  readonly logprobs: Json[]
}

function assemble(events: readonly StreamEvent[]): JsonObject {
  const draft: Draft = { start: undefined, end: {}, plan: '', content: [], calls: [], citations: [], logprobs: [] }
  for (const { data } of events) if (data !== '[DONE]') note(draft, known(objectAt(data, 'event'), EVENT, 'event'))
  const { start, end, plan, content, calls, citations, logprobs } = draft
  const { id = null, delta } = objectAt(start, 'message-start')
  const { role = null } = objectAt(object(delta).message, 'message')
  const told = filled({ content, tool_plan: plan, tool_calls: calls, citations })
  return { id, message: { role, ...told }, ...end, ...filled({ logprobs }) }
}

/** Drops empty members: a document has none, but a stream opens with all of them. */
function filled(members: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => isFilled(value)))
}

function note(draft: Draft, event: JsonObject): void {
  const delta = known(object(event.delta), DELTA, 'delta')
  const message = known(object(delta.message), MESSAGE, 'message')
  switch (event.type) {
    case 'message-start':
      draft.start = draft.start === undefined ? event : lossy('message-start')
      return
    case 'content-start':
    case 'content-delta':
      if (event.logprobs !== undefined) draft.logprobs.push(event.logprobs)
      return add(draft.content, BLOCK, event.index, message.content)
    case 'tool-plan-delta':
      draft.plan += textAt(message.tool_plan, 'tool_plan')
      return
    case 'tool-call-start':
    case 'tool-call-delta':
      return add(draft.calls, CALL, event.index, message.tool_calls)
    case 'citation-start':
      return add(draft.citations, CITATION, event.index, message.citations)
    case 'message-end':
      draft.end = known(delta, END, 'message-end')
      return
    case 'content-end':
    case 'tool-call-end':
    case 'citation-end':
      return
    default:
      lossy('event')
  }
}

function add(items: JsonObject[], table: MergeRules, index: Value, part: Value): void {
  const at = indexAt(index, items.length, 'index')
  items[at] = merge(table, items[at], objectAt(part, 'message'))
}

function split(document: JsonObject): readonly StreamEvent[] {
  const { id = null, message, logprobs, ...end } = known(document, DOCUMENT, 'document')
  const { role = null, content, tool_plan: plan = '', tool_calls: calls, citations } = objectAt(message, 'message')
  const empty = { role, content: [], tool_plan: '', tool_calls: [], citations: [] }
  const events = [
    { id, type: 'message-start', delta: { message: empty } },
    ...itemsOf(content).flatMap((block, index) => splitBlock(objectAt(block, 'content'), index, itemsOf(logprobs))),
    ...piecesOf(textAt(plan, 'tool_plan')).map((piece) => event('tool-plan-delta', undefined, { tool_plan: piece })),
    ...itemsOf(calls).flatMap((call, index) => splitCall(objectAt(call, 'tool_calls'), index)),
    ...itemsOf(citations).flatMap((citation, index) => [
      event('citation-start', index, { citations: citation }),
      { type: 'citation-end', index },
    ]),
    { type: 'message-end', delta: end },
  ]
  return [...events.map((data) => ({ name: data.type, data })), { data: '[DONE]' }]
}

function event(type: string, index: number | undefined, message: JsonObject): JsonObject & { readonly type: string } {
  return { type, ...(index === undefined ? {} : { index }), delta: { message } }
}

type Event = JsonObject & { readonly type: string }

function splitBlock(block: JsonObject, index: number, logprobs: readonly Json[]): Event[] {
  const kind = block.type === 'text' || block.type === 'thinking' ? block.type : lossy('content.type')
  const delta = (content: JsonObject): Event => event('content-delta', index, { content })
  const pieces = piecesOf(textAt(block[kind], kind)).map((piece) => delta({ [kind]: piece }))
  return [
    event('content-start', index, { content: { ...block, [kind]: '' } }),
    ...(kind === 'text' && logprobs.length > 0 ? withTokens(block, logprobs, delta) : pieces),
    { type: 'content-end', index },
  ]
}

/** Text with log probabilities is cut where the model's own tokens end. */
function withTokens(block: JsonObject, logprobs: readonly Json[], delta: (content: JsonObject) => Event): Event[] {
  const texts = logprobs.map((item) => textOf(object(item).text) ?? '')
  if (texts.join('') !== block.text) lossy('logprobs')
  return texts.map((piece, at) => ({ ...delta({ text: piece }), logprobs: logprobs[at] ?? null }))
}

function splitCall(call: JsonObject, index: number): Event[] {
  const named = objectAt(call.function, 'function')
  const part = (type: string, fields: JsonObject): Event => event(type, index, { tool_calls: fields })
  const pieces = piecesOf(textAt(named.arguments, 'arguments'))
  return [
    part('tool-call-start', { ...call, function: { ...named, arguments: '' } }),
    ...pieces.map((piece) => part('tool-call-delta', { function: { arguments: piece } })),
    { type: 'tool-call-end', index },
  ]
}
