import { isObject, type MutableJson, type MutableObject } from '../base/json.ts'
import { openOrdered } from './ordered-places.ts'

/** One value of a body that counts in the key. */
export interface BodyField {
  /** `messages[3].content`, `tools[2].function.parameters (order)`. */
  readonly path: string
  /** As JSON; for the order of an object, the names of its members. */
  readonly value: string
}

/** With more values than this, deeply nested ones are combined. */
const MAX_FIELDS = 1000
const DEPTHS = [Infinity, 5, 3, 1]

/** How a member's name is written in a path: without `.` and `[`, and different for different names. */
export type Spell = (name: string) => string

/** The values of a body in canonical form (canonical-json.ts), with their paths. */
export function bodyFields(canonical: MutableObject, spell: Spell): readonly BodyField[] {
  for (const depth of DEPTHS) {
    const walk = new Walk(spell)
    if (walk.visit(canonical, '', depth, false)) return walk.fields
  }
  return [{ path: '', value: JSON.stringify(canonical) }]
}

class Walk {
  readonly fields: BodyField[] = []
  readonly #spell: Spell

  constructor(spell: Spell) {
    this.#spell = spell
  }

  /** `false` once there are too many. */
  visit(value: MutableJson, path: string, depth: number, isOrdered: boolean): boolean {
    if (this.fields.length >= MAX_FIELDS) return false
    const opened = isObject(value) ? openOrdered(value) : undefined
    if (opened !== undefined) return this.visit(opened, path, depth, true)
    const members = depth > 0 ? this.#membersOf(value, path) : []
    if (members.length === 0) return this.fields.push({ path, value: JSON.stringify(value) }) > 0
    if (isOrdered && isObject(value) && members.length > 1) {
      this.fields.push({ path: `${path} (order)`, value: JSON.stringify(Object.keys(value)) })
    }
    return members.every(([inner, member]) => this.visit(member, inner, depth - 1, isOrdered))
  }

  #membersOf(value: MutableJson, path: string): [path: string, member: MutableJson][] {
    if (Array.isArray(value)) return value.map((item, at) => [`${path}[${at}]`, item])
    if (!isObject(value)) return []
    const below = path === '' ? '' : `${path}.`
    return Object.entries(value).map(([name, member]) => [below + this.#spell(name), member])
  }
}
