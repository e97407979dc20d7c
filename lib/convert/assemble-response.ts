import { isDeepStrictEqual } from 'node:util'
import type { Json, JsonObject } from '../base/json.ts'
import { list as itemsOf, object, type Value } from '../providers/formats/read.ts'
import type { StreamEvent } from './conversion.ts'
import { known, listAt, lossy, names, objectAt, textAt } from './lossy.ts'
import { omit } from './members.ts'
import { knownResponse, knownTyped, TEXT_MEMBERS } from './responses-members.ts'

/** Events whose content a later event repeats. */
const PASSING = names(`response.created response.queued response.in_progress response.output_item.added
  response.content_part.added response.content_part.done response.reasoning_summary_part.added
  response.reasoning_summary_part.done keepalive`)

/** Known members of events. `obfuscation` is random padding that hides the length of tokens on the wire. */
const EVENT = names(`type sequence_number response item part output_index item_id content_index summary_index
  annotation_index annotation delta text refusal arguments input name logprobs obfuscation`)

/** The content of all events before the last one. */
interface Told {
  readonly texts: Map<string, string>
  readonly items: Map<Value, JsonObject>
  readonly annotations: JsonObject[]
}

/** The response in a stream's last event. Lossy if an earlier event had something that it lacks. */
export function assembleResponse(events: readonly StreamEvent[]): JsonObject {
  const told: Told = { texts: new Map(), items: new Map(), annotations: [] }
  let response: Value
  for (const { data } of events) {
    const event = known(objectAt(data, 'event'), EVENT, 'event')
    const isLast = event.type === 'response.completed' || event.type === 'response.incomplete'
    if (isLast) response = event.response
    else note(told, textAt(event.type, 'type'), event)
  }
  const document = objectAt(response, 'response')
  const output = listAt(document.output, 'response.output')
  // In some servers' streams the last event lacks what earlier ones had.
  const hasAll =
    output.length === told.items.size &&
    output.every((item, at) => isDeepStrictEqual(unsealed(item), told.items.get(at)))
  return hasAll && told.annotations.every((event) => isIn(event, output)) ? document : lossy('response.output')
}

const SEALED = names('encrypted_content')

/** An item without its encrypted reasoning, whose bytes differ each time it is sent. */
function unsealed(item: Value): JsonObject {
  return omit(objectAt(item, 'item'), SEALED)
}

function isIn(
  { output_index: item, content_index: part, annotation_index: at, annotation }: JsonObject,
  output: readonly Json[],
): boolean {
  const parts = itemsOf(object(output[Number(item)]).content)
  const annotations = itemsOf(object(parts[Number(part)]).annotations)
  return isDeepStrictEqual(annotations[Number(at)], annotation)
}

function note(told: Told, type: string, event: JsonObject): void {
  if (type === 'response.output_item.done') told.items.set(event.output_index, unsealed(event.item))
  else if (type === 'response.output_text.annotation.added') told.annotations.push(event)
  else if (PASSING.has(type)) checkPassing(event)
  else noteText(told.texts, type, event)
}

function checkPassing({ response, item, part }: JsonObject): void {
  if (response !== undefined) knownResponse(response)
  if (item !== undefined) knownTyped(item)
  if (part !== undefined) knownTyped(part)
}

/** Collects the pieces of a text. Lossy if the event that ends the text has another text. */
function noteText(texts: Map<string, string>, type: string, event: JsonObject): void {
  const [, kind = '', step] = /^response\.(\w+)\.(delta|done)$/.exec(type) ?? []
  const member = TEXT_MEMBERS.get(kind) ?? lossy(type)
  const place = [kind, event.output_index, event.content_index ?? event.summary_index].join()
  const before = texts.get(place)
  if (step === 'delta') texts.set(place, (before ?? '') + textAt(event.delta, type))
  else if (before !== undefined && before !== event[member]) lossy(type)
}
