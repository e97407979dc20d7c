import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../base/json.ts'
import type { Conversion, StreamEvent } from './conversion.ts'
import { lossy } from './lossy.ts'

/**
 * The events that tell a document.
 *
 * @throws Lossy where they would not tell all of it: put together again they must be the document, member by member.
 */
export function toEvents(document: JsonObject, conversion: Conversion): readonly StreamEvent[] {
  const events = conversion.split(document)
  const again = conversion.assemble(events)
  return isDeepStrictEqual(again, conversion.formless?.(document) ?? document) ? events : lossy('round trip')
}

/**
 * The document that a stream's events tell.
 *
 * @throws Lossy where it does not hold all that they tell.
 */
export function toDocument(events: readonly StreamEvent[], conversion: Conversion): JsonObject {
  const document = conversion.assemble(events)
  toEvents(document, conversion)
  return document
}
