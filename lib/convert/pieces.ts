// A word with the space before it, or a few signs; long words in parts. Cut between code points, never inside one.
const PIECE = /\s*(?:[\p{L}\p{M}\p{N}_]{1,8}|[^\s\p{L}\p{M}\p{N}_]{1,4})|\s+/gu

/** Each piece becomes an event of 100 to 300 bytes: a megabyte of text must not become a gigabyte of events. */
const MAX_PIECES = 4096

/** Cuts a text about where a tokenizer would, into 4096 pieces at most; together they are the text. None for `''`. */
export function piecesOf(text: string): readonly string[] {
  const pieces = text.match(PIECE) ?? []
  if (pieces.length <= MAX_PIECES) return pieces
  const size = Math.ceil(pieces.length / MAX_PIECES)
  return Array.from({ length: Math.ceil(pieces.length / size) }, (_, at) =>
    pieces.slice(at * size, (at + 1) * size).join(''),
  )
}
