import type { JsonObject } from '../base/json.ts'
import { list as itemsOf, type Value } from '../providers/formats/read.ts'
import type { StreamEvent } from './conversion.ts'
import { listAt, lossy, textAt } from './lossy.ts'
import { opened } from './members.ts'
import { piecesOf, piecesWithTokens } from './pieces.ts'
import { knownResponse, knownTyped, TEXT_MEMBERS } from './responses-members.ts'

type Event = JsonObject & { readonly type: string }

/** Splits a response into events. */
export function splitResponse(document: JsonObject): readonly StreamEvent[] {
  const { status, output } = knownResponse(document)
  if (status !== 'completed' && status !== 'incomplete') lossy('response.status')
  const open = opened(document, {
    status: 'in_progress',
    output: [],
    usage: null,
    incomplete_details: null,
    completed_at: null,
  })
  const events: Event[] = [
    { type: 'response.created', response: open },
    { type: 'response.in_progress', response: open },
    ...listAt(output, 'output').flatMap((item, index) => splitItem(knownTyped(item), index)),
    { type: `response.${status}`, response: document },
  ]
  return events.map(({ type, ...rest }, at) => ({ name: type, data: { type, sequence_number: at, ...rest } }))
}

function splitItem(item: Event, index: number): Event[] {
  const { type } = item
  const place = { ...(item.id === undefined ? {} : { item_id: item.id }), output_index: index }
  const empty = type === 'tool_search_call' ? {} : { arguments: '', input: '' }
  const open = opened(item, { status: 'in_progress', content: [], summary: [], ...empty })
  return [
    { type: 'response.output_item.added', output_index: index, item: open },
    ...splitInside(type, item, place),
    { type: 'response.output_item.done', output_index: index, item },
  ]
}

function splitInside(type: string, item: JsonObject, place: JsonObject): Event[] {
  switch (type) {
    case 'message':
      return splitParts(item.content, place)
    case 'reasoning':
      return [...splitSummary(item.summary, place), ...splitParts(item.content, place)]
    case 'function_call':
      return splitText('function_call_arguments', item.arguments, place, { name: item.name ?? null })
    case 'custom_tool_call':
      return splitText('custom_tool_call_input', item.input, place)
    default:
      return []
  }
}

function splitParts(content: Value, place: JsonObject): Event[] {
  return itemsOf(content).flatMap((part, index) => splitPart(knownTyped(part), { ...place, content_index: index }))
}

function splitPart(part: Event, place: JsonObject): Event[] {
  const added = { type: 'response.content_part.added', ...place }
  const done = { type: 'response.content_part.done', ...place, part }
  const open = { ...added, part: opened(part, { text: '', refusal: '', annotations: [], logprobs: [] }) }
  switch (part.type) {
    case 'output_text':
      return [open, ...splitOutputText(part, place), done]
    case 'refusal':
      return [open, ...splitText('refusal', part.refusal, place), done]
    case 'reasoning_text':
      return [open, ...splitText('reasoning_text', part.text, place), done]
    default:
      return lossy('content.type')
  }
}

function splitOutputText(part: JsonObject, place: JsonObject): Event[] {
  const logprobs = part.logprobs ?? []
  const type = 'response.output_text'
  const pieces = piecesWithTokens(textAt(part.text, 'text'), itemsOf(logprobs))
  const annotations = itemsOf(part.annotations)
  return [
    ...pieces.map(({ piece, tokens }) => ({ type: `${type}.delta`, ...place, delta: piece, logprobs: tokens })),
    ...annotations.map((annotation, at) => ({
      type: `${type}.annotation.added`,
      ...place,
      annotation_index: at,
      annotation,
    })),
    { type: `${type}.done`, ...place, text: part.text ?? null, logprobs },
  ]
}

function splitSummary(summary: Value, place: JsonObject): Event[] {
  return itemsOf(summary).flatMap((one, index) => {
    const part = knownTyped(one)
    const at = { ...place, summary_index: index }
    return [
      { type: 'response.reasoning_summary_part.added', ...at, part: { ...part, text: '' } },
      ...splitText('reasoning_summary_text', part.text, at),
      { type: 'response.reasoning_summary_part.done', ...at, part },
    ]
  })
}

function splitText(kind: string, value: Value, place: JsonObject, more: JsonObject = {}): Event[] {
  const whole = textAt(value, kind)
  const deltas = piecesOf(whole).map((delta) => ({ type: `response.${kind}.delta`, ...place, delta }))
  return [...deltas, { type: `response.${kind}.done`, ...place, ...more, [TEXT_MEMBERS.get(kind) ?? kind]: whole }]
}
