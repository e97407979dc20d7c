import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../base/json.ts'
import type { Conversion, StreamEvent } from './conversion.ts'
import { lossy } from './lossy.ts'

/**
 * Cuts a document into events.
 *
 * @throws Lossy where the events, put together again, are not the same document
 */
export function toEvents(document: JsonObject, conversion: Conversion): readonly StreamEvent[] {
  const events = conversion.split(document)
  const again = conversion.assemble(events)
  return isDeepStrictEqual(again, conversion.formless?.(document) ?? document) ? events : lossy('round trip')
}

/**
 * Puts a stream's events together into a document.
 *
 * @throws Lossy where the document does not hold everything in the events
 */
export function toDocument(events: readonly StreamEvent[], conversion: Conversion): JsonObject {
  const document = conversion.assemble(events)
  toEvents(document, conversion)
  return document
}
