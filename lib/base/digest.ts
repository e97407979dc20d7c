import { crypto } from './crypto.ts'

/** A text preceded by its length. */
export function afterLength(text: string): string {
  return `${text.length}:${text}`
}

/** Concatenates texts, each preceded by its length, so that different lists never give the same text. */
export function lengthPrefixed(parts: readonly string[]): string {
  let framed = ''
  for (const part of parts) framed += afterLength(part)
  return framed
}

/**
 * SHA-256 of a text as 64 lower-case hex digits. Hashes its UTF-16, because in UTF-8 all lone surrogates would be
 * equal.
 */
export function digest(text: string): string {
  return crypto().hash('sha256', Buffer.from(text, 'utf16le'), 'hex')
}
