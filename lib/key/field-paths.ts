import { isObject, type MutableJson, type MutableObject } from '../base/json.ts'

/** A parsed body path: names of members, with `null` for "each item of the array". */
export type FieldPath = readonly (string | null)[]

const SYNTAX = /^[^.[\]\s]+(?:\[\*\])*(?:\.[^.[\]\s]+(?:\[\*\])*)*$/

/** Whether a text is a body path. */
export function isFieldPath(text: string): boolean {
  return SYNTAX.test(text) && !text.endsWith(']')
}

/**
 * Parses a body path: `user`, `metadata.trace`, `messages[*].id`. A path ends in a member's name.
 *
 * @throws TypeError for anything else, naming the path.
 */
export function parseFieldPath(path: string): FieldPath {
  if (!isFieldPath(path)) throw new TypeError(`${JSON.stringify(path)} is no body path such as messages[*].id`)
  return path.split('.').flatMap((step) => step.split('[*]').map((name) => (name === '' ? null : name)))
}

/** Calls `visit` for each match of a path in a body: with the containing object, and the member's name. */
export function visitFields(
  value: MutableJson,
  path: FieldPath,
  visit: (holder: MutableObject, name: string) => void,
  at = 0,
): void {
  const step = path[at]
  if (step === undefined) return
  if (step === null) {
    if (Array.isArray(value)) for (const item of value) visitFields(item, path, visit, at + 1)
  } else if (isObject(value) && Object.hasOwn(value, step)) {
    if (at === path.length - 1) visit(value, step)
    else visitFields(value[step] ?? null, path, visit, at + 1)
  }
}
