import { MAX_TEXT } from '../base/check.ts'

/** Longest list (`cache-control`, `x-llm-cache-tags`) that is read, in characters. */
const MAX_LIST = 4096

const PRINTABLE = /^[\x20-\x7e]+$/

/**
 * Trims a header's value; `undefined` if it is empty, longer than `max` (default 256 characters), or has anything but
 * printable ASCII. No control needs more.
 */
export function readText(value: string, max: number = MAX_TEXT): string | undefined {
  // The length is checked before the text is scanned. White space around a value is not part of it (RFC 9110 section
  // 5.5).
  if (value.length > max + 16) return undefined
  const text = value.trim()
  return text.length <= max && PRINTABLE.test(text) ? text : undefined
}

/** Reads a list's text: as {@link readText}, up to 4096 characters. */
export function readListText(value: string): string | undefined {
  return readText(value, MAX_LIST)
}

/** Reads `true` or `false`, in any case; `undefined` for anything else. */
export function readBoolean(value: string): boolean | undefined {
  const text = readText(value)?.toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** Reads decimal digits as an integer: `undefined` if it is below `min`, clamped if it is above `max`. */
export function readInteger(value: string, min: number, max: number): number | undefined {
  const text = readText(value)
  if (text === undefined || !/^\d+$/.test(text)) return undefined
  const number = Number(text)
  return number < min ? undefined : Math.min(number, max)
}

/** Reads a decimal number from 0 on; above 1 it is 1. `undefined` for anything else. */
export function readShare(value: string): number | undefined {
  const text = readText(value)
  return text !== undefined && /^(?:\d+(?:\.\d*)?|\.\d+)$/.test(text) ? Math.min(Number(text), 1) : undefined
}

/**
 * Reads a comma-separated list, ignoring empty elements (RFC 9110 section 5.6.1). `undefined` if nothing is left, or an
 * element is longer than 256 characters.
 */
export function readList(value: string): readonly string[] | undefined {
  const elements = (readListText(value) ?? '')
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')
  const valid = elements.length > 0 && elements.every((element) => element.length <= MAX_TEXT)
  return valid ? [...new Set(elements)] : undefined
}
