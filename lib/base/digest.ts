import { hash } from 'node:crypto'

/** Parts as one text, each after its length: no delimiter inside a part can make two lists of parts equal. */
export function lengthPrefixed(parts: readonly string[]): string {
  let framed = ''
  for (const part of parts) framed += `${part.length}:${part}`
  return framed
}

/**
 * SHA-256 of a text as 64 lower-case hex digits. Over UTF-16, because UTF-8 would make all lone surrogates equal.
 */
export function digest(text: string): string {
  return hash('sha256', Buffer.from(text, 'utf16le'), 'hex')
}
