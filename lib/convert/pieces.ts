import type { Json } from '../base/json.ts'
import { object, text as textOf } from '../providers/formats/read.ts'

// Up to 8 letters or digits, or up to 4 other characters, with the white space before them. Never cuts a code point.
const PIECE = /\s*(?:[\p{L}\p{M}\p{N}_]{1,8}|[^\s\p{L}\p{M}\p{N}_]{1,4})|\s+/gu

/** Each piece becomes an event of 100 to 300 bytes. Without a limit, a large text could grow a hundredfold. */
const MAX_PIECES = 4096

/** Cuts a text about where a tokenizer would, into at most 4096 pieces; none for `''`. */
export function piecesOf(text: string): readonly string[] {
  const pieces = text.match(PIECE) ?? []
  if (pieces.length <= MAX_PIECES) return pieces
  const size = Math.ceil(pieces.length / MAX_PIECES)
  return Array.from({ length: Math.ceil(pieces.length / size) }, (_, at) =>
    pieces.slice(at * size, (at + 1) * size).join(''),
  )
}

/** A piece of a text, and the log probabilities of the tokens in it. */
export interface PieceWithTokens {
  readonly piece: string
  readonly tokens: readonly Json[]
}

/**
 * Cuts a text where the model's own tokens end, by its log probabilities. If the tokens don't add up to the text, it
 * stays one piece. Without tokens it is cut as by {@link piecesOf}.
 */
export function piecesWithTokens(text: string, tokens: readonly Json[]): readonly PieceWithTokens[] {
  if (tokens.length === 0) return piecesOf(text).map((piece) => ({ piece, tokens }))
  const texts = tokens.map((token) => textOf(object(token).token) ?? '')
  if (texts.join('') !== text) return [{ piece: text, tokens }]
  return texts.map((piece, at) => ({ piece, tokens: tokens.slice(at, at + 1) }))
}
