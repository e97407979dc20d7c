import { crypto } from '../base/crypto.ts'
import { ISO_TIME, MILLISECONDS, SECONDS } from './marks.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const GENERATION = /^gen-\d{10}-/
/** Fewest random characters: as many random bits as in a UUID. */
const MIN_LENGTH = 22
const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')
/** Random characters drawn at once. Drawing for each hit would cost 1.5 µs, a seventh of a small hit. */
const DRAWN = 8192

/** The kinds of mark for a time. */
export type TimeUnit = typeof SECONDS | typeof MILLISECONDS | typeof ISO_TIME

/** What a fresh id keeps of the old one, and how many of its characters are random. */
export interface IdKind {
  readonly prefix: string
  readonly drawn: number
  /** Whether the id is a UUID. */
  readonly isUuid: boolean
  /** Whether the time follows the prefix, as in OpenRouter's ids: `gen-1790000000-…`. */
  readonly isDated: boolean
}

/**
 * Reads the kind of an id. A prefix such as `chatcmpl-`, `msg_` or `gen-` is kept. So is the length, unless it is too
 * short for random ids to be unique. All ids of one kind have the same length.
 */
export function kindOf(id: string): IdKind {
  const isDated = GENERATION.test(id)
  const prefix = isDated ? 'gen-' : (/^[A-Za-z]+[-_]/.exec(id)?.[0] ?? '')
  const drawn = Math.max(MIN_LENGTH, id.length - prefix.length - (isDated ? 11 : 0))
  return { prefix, drawn, isUuid: UUID.test(id), isDated }
}

/** Makes fresh ids and times. */
export class FreshValues {
  readonly #characters = Buffer.allocUnsafeSlow(DRAWN)
  #used = DRAWN
  /** The latest time in seconds since the epoch, and the same as text. */
  #second = 0
  #text = ''

  /** A fresh id of a kind. */
  id({ prefix, drawn, isUuid, isDated }: IdKind, now: number): string {
    if (isUuid) return crypto().randomUUID()
    return `${prefix}${isDated ? `${this.#seconds(now)}-` : ''}${this.#draw(drawn)}`
  }

  /**
   * The time as JSON, in the given unit. Its length never changes.
   *
   * @param now milliseconds since the epoch
   */
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
    crypto().randomFillSync(this.#characters)
    for (let at = 0; at < DRAWN; at++) {
      this.#characters[at] = ALPHABET[(this.#characters[at] ?? 0) % ALPHABET.length] ?? 0
    }
    this.#used = 0
  }
}
