import { randomFillSync, randomUUID } from 'node:crypto'
import { ISO_TIME, MILLISECONDS, SECONDS } from './marks.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const GENERATION = /^gen-\d{10}-/
/** As random as a UUID. */
const MIN_LENGTH = 22
const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')
/** Characters drawn at a time: one by one they would cost 1.5 µs a hit, a seventh of a small one. */
const DRAWN = 8192

/** Marks of a time, by its unit. */
export type TimeUnit = typeof SECONDS | typeof MILLISECONDS | typeof ISO_TIME

/** What kind of id one is: what stays of it, and how many characters are drawn anew. */
export interface IdKind {
  readonly prefix: string
  readonly drawn: number
  /** A whole UUID is drawn. */
  readonly isUuid: boolean
  /** OpenRouter's ids have their time behind the prefix: `gen-1790000000-…`. */
  readonly isDated: boolean
}

/**
 * The kind of an id: `chatcmpl-`, `msg_`, `gen-` and the like stay, and so does the length where it is long enough for an id
 * to be the only one of its kind. Ids of one kind are of one length.
 */
export function kindOf(id: string): IdKind {
  const isDated = GENERATION.test(id)
  const prefix = isDated ? 'gen-' : (/^[A-Za-z]+[-_]/.exec(id)?.[0] ?? '')
  const drawn = Math.max(MIN_LENGTH, id.length - prefix.length - (isDated ? 11 : 0))
  return { prefix, drawn, isUuid: UUID.test(id), isDated }
}

/** Draws what hits are told anew. */
export class FreshValues {
  readonly #characters = Buffer.allocUnsafeSlow(DRAWN)
  #used = DRAWN
  /** Seconds since the epoch, and their text. */
  #second = 0
  #text = ''

  /** An id that nobody has had. */
  id({ prefix, drawn, isUuid, isDated }: IdKind, now: number): string {
    if (isUuid) return randomUUID()
    return `${prefix}${isDated ? `${this.#seconds(now)}-` : ''}${this.#draw(drawn)}`
  }

  /** A time as JSON, in the unit that a mark says; `now` in milliseconds since the epoch. Always of the same length. */
  time(unit: TimeUnit, now: number): string {
    switch (unit) {
      case SECONDS:
        return this.#seconds(now)
      case MILLISECONDS:
        return String(now)
      case ISO_TIME:
        return JSON.stringify(new Date(now).toISOString())
      default:
        return unit satisfies never
    }
  }

  #seconds(now: number): string {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) this.#text = String((this.#second = second))
    return this.#text
  }

  #draw(length: number): string {
    if (length > DRAWN) return this.#draw(DRAWN) + this.#draw(length - DRAWN)
    if (this.#used + length > DRAWN) this.#fill()
    const start = this.#used
    this.#used += length
    return this.#characters.toString('latin1', start, this.#used)
  }

  #fill(): void {
    randomFillSync(this.#characters)
    for (let at = 0; at < DRAWN; at++) {
      this.#characters[at] = ALPHABET[(this.#characters[at] ?? 0) % ALPHABET.length] ?? 0
    }
    this.#used = 0
  }
}
