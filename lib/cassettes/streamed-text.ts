import { isObject, type MutableJson } from '../base/json.ts'
import type { CassetteResponse } from './entry.ts'

/** One piece of a text that a model streams word by word. */
interface Piece {
  readonly text: string
  /** Replaces the piece's text. */
  write(text: string): void
}

/** A text that is streamed in pieces, at one path of each event: `choices[0].delta.content`. */
export interface StreamedText {
  readonly path: string
  readonly pieces: readonly Piece[]
}

/** The texts of a stream. Pieces at the same path of its events form one text. */
export function streamedTexts({ events = [], lines = [] }: CassetteResponse): StreamedText[] {
  const texts = new Map<string, Piece[]>()
  for (const part of [...events, ...lines]) {
    if (part.json !== undefined) collect(part.json, '', (text) => void (part.json = text), texts)
  }
  return Array.from(texts, ([path, pieces]) => ({ path, pieces })).filter(({ pieces }) => pieces.length > 1)
}

function collect(value: MutableJson, path: string, write: Piece['write'], texts: Map<string, Piece[]>): void {
  if (typeof value === 'string') {
    const pieces = texts.get(path)
    if (pieces === undefined) texts.set(path, [{ text: value, write }])
    else pieces.push({ text: value, write })
  } else if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) collect(item, `${path}[${at}]`, (text) => void (value[at] = text), texts)
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const place = path === '' ? name : `${path}.${name}`
      collect(member, place, (text) => void (value[name] = text), texts)
    }
  }
}

/** Replaces a text wherever it occurs. If it spans several pieces, the first one gets the replacement. */
export function replaceStreamed({ pieces }: StreamedText, text: string, replacement: string): void {
  const joined = pieces.map((piece) => piece.text).join('')
  if (!joined.includes(text)) return
  const owners = pieces.flatMap(({ text }, at) => Array.from({ length: text.length }, () => at))
  const kept = pieces.map(() => '')
  for (let at = 0; at < joined.length;) {
    const isHere = joined.startsWith(text, at)
    const owner = owners[at] ?? 0
    kept[owner] += isHere ? replacement : (joined[at] ?? '')
    at += isHere ? text.length : 1
  }
  for (const [at, piece] of pieces.entries()) piece.write(kept[at] ?? '')
}
