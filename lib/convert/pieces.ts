// A word of up to 8 letters with the space before it, or up to 4 other characters. Never cut inside a code point.
const PIECE = /\s*(?:[\p{L}\p{M}\p{N}_]{1,8}|[^\s\p{L}\p{M}\p{N}_]{1,4})|\s+/gu

/** Each piece becomes an event of 100 to 300 bytes. Without a limit a large text would grow a hundredfold. */
const MAX_PIECES = 4096

/** Cuts a text about where a tokenizer would, into at most 4096 pieces. Joined they are the text; `''` gives none. */
export function piecesOf(text: string): readonly string[] {
  const pieces = text.match(PIECE) ?? []
  if (pieces.length <= MAX_PIECES) return pieces
  const size = Math.ceil(pieces.length / MAX_PIECES)
  return Array.from({ length: Math.ceil(pieces.length / size) }, (_, at) =>
    pieces.slice(at * size, (at + 1) * size).join(''),
  )
}
