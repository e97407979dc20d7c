import type { Json } from '../base/json.ts'
import type { Entry } from '../stores/entry.ts'
import { headerOf } from '../undici/head.ts'
import { createFraming } from '../wire/framings.ts'
import type { StreamEvent } from './conversion.ts'
import { exactJson } from './exact-json.ts'
import { lossy } from './lossy.ts'

/** The events of a stored stream; for JSON a single event, the document. The body must be decoded already. */
export function readAnswer({ headers, body }: Entry, maxSize: number): readonly StreamEvent[] {
  const events: StreamEvent[] = []
  const sink = {
    event: (name: string | undefined, text: string) =>
      void events.push({ ...(name === undefined ? {} : { name }), data: dataOf(text) }),
    document: (text: string) => void events.push({ data: exactJson(text) }),
    fail: (reason: string) => lossy(reason),
  }
  const framing = createFraming(headerOf(headers, 'content-type'), sink, maxSize) ?? lossy('content-type')
  framing.write(body)
  framing.end()
  return events
}

function dataOf(text: string): Json {
  return text === '[DONE]' ? text : exactJson(text)
}
