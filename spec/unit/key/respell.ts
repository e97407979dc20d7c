import * as fc from 'fast-check'
import { codePoint } from '../../support/code-points.ts'

/** A JSON value as specs generate it. */
export type Value = null | boolean | number | string | Value[] | { [name: string]: Value }

const arbitraries = fc.letrec<{ value: Value; object: { [name: string]: Value } }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }).map(unsigned),
    fc.double({ min: -1e15, max: 1e15, noNaN: true }).map(unsigned),
    fc.string({ unit: codePoint, maxLength: 8 }),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc
    .uniqueArray(fc.tuple(name(), tie('value')), { maxLength: 5, selector: ([key]) => key })
    .map((members) => Object.fromEntries(members)),
}))

/** Values that a double holds whole: what the canonical form promises to keep apart. */
export const value: fc.Arbitrary<Value> = arbitraries.value
/** Objects of such values. */
export const object: fc.Arbitrary<{ [name: string]: Value }> = arbitraries.object

/**
 * Names that JavaScript treats in its own way come up often; none needs an escape, because some versions of `JSON.parse`
 * misread those.
 */
function name(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toJSON', '', '1', '10', 'a.b'),
    fc.string({ maxLength: 4 }).filter((text) => !JSON.stringify(text).includes('\\')),
  )
}

/** The minus of `-0` is lost in a parse, so the canonical form refuses it. */
function unsigned(number: number): number {
  return number === 0 ? 0 : number
}

/** Draws numbers below `bound`. */
export type Draw = (bound: number) => number

/** Spells a value as JSON: order of members, white space, escapes and the form of numbers as `draw` says. */
export function respell(json: Value, draw: Draw): string {
  const space = (): string => ['', ' ', '\n\t', '\r\n  '][draw(4)] ?? ''
  if (typeof json === 'string') return respellString(json, draw)
  if (typeof json === 'number') return respellNumber(json, draw)
  if (typeof json !== 'object' || json === null) return String(json)
  if (Array.isArray(json)) return `[${json.map((item) => space() + respell(item, draw) + space()).join(',')}${space()}]`
  const members = Object.entries(json).map(
    ([key, member]) => `${space()}${JSON.stringify(key)}${space()}:${space()}${respell(member, draw)}${space()}`,
  )
  return `{${shuffle(members, draw).join(',')}${space()}}`
}

function respellString(text: string, draw: Draw): string {
  const units =
    JSON.stringify(text)
      .slice(1, -1)
      .match(/\\u[0-9a-f]{4}|\\.|[^\\]/gsu) ?? []
  return `"${units.map((unit) => (draw(4) === 0 ? escaped(unit) : unit)).join('')}"`
}

/** Both halves of a surrogate pair, or none: a half alone is no UTF-8. */
function escaped(unit: string): string {
  if (unit.startsWith('\\')) return unit.startsWith('\\u') ? `\\u${unit.slice(2).toUpperCase()}` : unit
  return Array.from({ length: unit.length }, (_, at) => `\\u${unit.charCodeAt(at).toString(16).padStart(4, '0')}`).join(
    '',
  )
}

function respellNumber(number: number, draw: Draw): string {
  const plain = JSON.stringify(number)
  const forms = [plain, number.toExponential(), number.toExponential().replace('e', 'E')]
  if (/^-?\d+$/.test(plain)) forms.push(`${plain}.0`, `${plain}.000`, `${plain}e0`)
  if (/^-?[1-9]\d*$/.test(plain)) forms.push(`${plain}0E-1`)
  if (/^-?\d+\.\d+$/.test(plain)) forms.push(`${plain}00`)
  return forms[draw(forms.length)] ?? plain
}

function shuffle<Item>(items: readonly Item[], draw: Draw): Item[] {
  return items
    .map((item) => ({ item, rank: draw(1000) }))
    .toSorted((left, right) => left.rank - right.rank)
    .map(({ item }) => item)
}
