import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isObject, type Json, type JsonObject } from '../../lib/base/json.ts'
import type { Conversion, StreamEvent } from '../../lib/convert/conversion.ts'
import { CONVERSIONS } from '../../lib/convert/conversions.ts'
import { Lossy } from '../../lib/convert/lossy.ts'
import { toDocument, toEvents } from '../../lib/convert/round-trip.ts'
import { DOCUMENTS } from '../support/documents/all.ts'

function conversionOf(id: string): Conversion {
  const conversion = CONVERSIONS.get(id)
  if (conversion === undefined) throw new Error(`no conversion for ${id}`)
  return conversion
}

/** As it comes out of a parse. */
function parsed(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value))
}

/** What `act` gives, or `undefined` where it says that something would be lost. */
function unlessLossy<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (error instanceof Lossy) return undefined
    throw error
  }
}

/** Every object in a value, itself included. */
function objectsIn(value: Json | undefined): JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn)
  return isObject(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : []
}

/** `value` with a member more in its n-th object. */
function withMember(value: Json, at: number, name: string, member: Json): Json {
  const copy: Json = structuredClone(value)
  const holders = objectsIn(copy)
  const holder = holders[at % holders.length]
  if (holder !== undefined) Object.assign(holder, { [name]: member })
  return copy
}

const MARK = 'mark-of-the-spec'

/** Events that hold what is not whole yet: a later one holds it again. */
const SNAPSHOTS = new Set(['response.created', 'response.in_progress', 'response.output_item.added'])
/** Events of which only the outermost object is looked at: the values in it come again, in more detail. */
const OUTERMOST = /^response\.(output_text|content_part)\./

describe.for(Object.entries(DOCUMENTS))('%s', ([id, documents]) => {
  const conversion = conversionOf(id)

  test('an answer is the same again once it has been cut into events and put together', () => {
    fc.assert(
      fc.property(documents, (generated) => {
        const document = parsed(generated)
        const events = toEvents(document, conversion)
        expect(events.length).toBeGreaterThan(0)
        const wire = events.map(({ data }) => ({ data: typeof data === 'string' ? data : parsed(data) }))
        expect(toDocument(wire, conversion)).toEqual(document)
      }),
    )
  })

  test('a text comes in pieces', () => {
    fc.assert(
      fc.property(documents, (generated) => {
        const texts = JSON.stringify(parsed(generated)).length
        expect(toEvents(parsed(generated), conversion).length).toBeGreaterThan(Math.min(3, texts / 2000))
      }),
    )
  })

  test('a member that is not known goes through whole, or nothing is converted', () => {
    let converted = 0
    fc.assert(
      fc.property(documents, fc.nat(), (generated, at) => {
        const document = withMember(parsed(generated), at, 'x_new', MARK)
        const events = unlessLossy(() => toEvents(isObject(document) ? document : {}, conversion))
        if (events === undefined) return
        converted++
        expect(conversion.assemble(events)).toEqual(document)
      }),
    )
    // Usage, citations and other values that are carried as they are.
    expect(converted).toBeLessThan(100)
  })

  test('nothing in an event of a stream is dropped, or nothing is converted', () => {
    fc.assert(
      fc.property(documents, fc.nat(), fc.nat(), (generated, which, at) => {
        const events: StreamEvent[] = [...toEvents(parsed(generated), conversion)]
        const place = which % events.length
        const event = events[place]
        if (event === undefined || !isObject(event.data) || SNAPSHOTS.has(event.name ?? '')) return
        const holder = OUTERMOST.test(event.name ?? '') ? 0 : at
        events[place] = { ...event, data: withMember(event.data, holder, 'x_new', MARK) }
        const document = unlessLossy(() => toDocument(events, conversion))
        if (document !== undefined) expect(JSON.stringify(document)).toContain(MARK)
      }),
      { numRuns: 300 },
    )
  })
})
