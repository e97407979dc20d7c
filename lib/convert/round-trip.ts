import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../base/json.ts'
import type { Conversion, StreamEvent } from './conversion.ts'
import { lossy } from './lossy.ts'

/**
 * Splits a document into events.
 *
 * @throws Lossy if the events don't assemble to the same document
 */
export function toEvents(document: JsonObject, conversion: Conversion): readonly StreamEvent[] {
  const events = conversion.split(document)
  const again = conversion.assemble(events)
  return isDeepStrictEqual(again, conversion.formless?.(document) ?? document) ? events : lossy('round trip')
}

/**
 * Assembles a document from a stream's events.
 *
 * @throws Lossy if the document lacks anything that the events have
 */
export function toDocument(events: readonly StreamEvent[], conversion: Conversion): JsonObject {
  const document = conversion.assemble(events)
  toEvents(document, conversion)
  return document
}
