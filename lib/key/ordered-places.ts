import { type FieldPath, parseFieldPath, visitFields } from './field-paths.ts'
import type { MutableJson, MutableObject } from '../base/json.ts'

/** Where a body's properties keep their order. */
export interface OrderedPlaces {
  /** Names of members, at any depth. */
  readonly names: ReadonlySet<string>
  readonly paths: readonly FieldPath[]
}

const ANYWHERE = '**.'

/** Parses a format's `ordered`: `text.format` is a path, `**.parameters` a member of that name at any depth. */
export function parseOrdered(places: readonly string[]): OrderedPlaces {
  const names = places.filter((place) => place.startsWith(ANYWHERE)).map((place) => place.slice(ANYWHERE.length))
  const paths = places.filter((place) => !place.startsWith(ANYWHERE)).map(parseFieldPath)
  return { names: new Set(names), paths }
}

/**
 * Replaces each subtree at these places with an envelope: its JSON as one text, in its own order, which later sorting
 * does not change. Every object and array there gets one, so that a body can't forge an envelope. `false` if parsing
 * has lost the order.
 */
export function keepOrder(body: MutableObject, { names, paths }: OrderedPlaces): boolean {
  let kept = true
  for (const path of paths) {
    visitFields(body, path, (holder, name) => {
      kept &&= seal(holder, name)
    })
  }
  return kept && sealNamed(body, names)
}

/** The content of an envelope of {@link keepOrder}; `undefined` for anything else. */
export function openOrdered(value: MutableObject): MutableJson | undefined {
  const text = value['']
  if (typeof text !== 'string' || Object.keys(value).length !== 1) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined // a member of the body that happens to have an empty name
  }
}

function sealNamed(value: MutableJson, names: ReadonlySet<string>): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every((item) => sealNamed(item, names))
  return Object.keys(value).every((name) =>
    names.has(name) ? seal(value, name) : sealNamed(value[name] ?? null, names),
  )
}

function seal(holder: MutableObject, name: string): boolean {
  const subtree = holder[name]
  if (typeof subtree !== 'object' || subtree === null) return true
  const kept = hasOwnOrder(subtree)
  holder[name] = { '': JSON.stringify(subtree) }
  return kept
}

/** Whether properties have kept their order: JavaScript moves names such as `"2"` to the front. */
function hasOwnOrder(value: MutableJson): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(hasOwnOrder)
  return Object.entries(value).every(([name, member]) => !/^\d+$/.test(name) && hasOwnOrder(member))
}
