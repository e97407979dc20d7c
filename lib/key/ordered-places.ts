import { type FieldPath, parseFieldPath, visitFields } from './field-paths.ts'
import type { MutableJson, MutableObject } from '../base/json.ts'

/** Where a body keeps the order of its properties. */
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
 * Puts each subtree at these places in an envelope: its JSON as one text, in its own order, which a later sorting
 * leaves alone. Every object and array there gets one, so a body can't forge an envelope. `false` if a parse has
 * lost the order.
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

/** What is in an envelope of {@link keepOrder}; `undefined` for what is none. */
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

/** JavaScript moves names such as `"2"` to the front: if there is one, the order of the text is lost. */
function hasOwnOrder(value: MutableJson): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(hasOwnOrder)
  return Object.entries(value).every(([name, member]) => !/^\d+$/.test(name) && hasOwnOrder(member))
}
