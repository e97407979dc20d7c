import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** What the provider does to one call. */
export type Trouble =
  | { readonly kind: 'none' | 'slow' | 'gzip' }
  /** After so many pieces of the answer. */
  | { readonly kind: 'reset' | 'truncate' | 'error'; readonly after: number }
  | { readonly kind: 'status'; readonly status: 429 | 500 }

/** Kinds of trouble after which the answer is whole. */
export const HARMLESS: ReadonlySet<string> = new Set(['none', 'slow', 'gzip'] satisfies Trouble['kind'][])

/** How the caller takes its answer. */
export type Reader =
  | { readonly kind: 'whole' }
  | { readonly kind: 'slow'; readonly gap: number }
  /** Breaks off after so many chunks. */
  | { readonly kind: 'leaves'; readonly after: number }
  /** Aborts after so many milliseconds, wherever the call is then. */
  | { readonly kind: 'aborts'; readonly after: number }

/** What the caller sends. `failing`: a stream that breaks while it is read. */
export type BodyKind = 'json' | 'broken-json' | 'huge' | 'failing'

/** Every way into undici. */
export const DOORS = ['built-in fetch', 'undici fetch', 'request', 'stream', 'pipeline', 'openai'] as const

/** One of {@link DOORS}. */
export type DoorName = (typeof DOORS)[number]

/** One call of a soak. */
export interface CallPlan {
  readonly serial: number
  readonly door: DoorName
  readonly prompt: string
  readonly body: BodyKind
  readonly stream: boolean
  readonly trouble: Trouble
  readonly reader: Reader
}

const PROMPTS = 120
const LARGE_PROMPTS = 8

/** The call of that number: the same for the same seed, whatever came before. */
export function planOf(seed: number, serial: number): CallPlan {
  // Neighbouring seeds give like streams at first: the multiplier sets them apart.
  const random = xoroshiro128plus(Math.imul(seed + serial, 0x9e3779b1))
  const upTo = (most: number): number => uniformInt(random, 0, most)
  const isLarge = upTo(99) < 4
  const body = bodyOf(upTo(99))
  return {
    serial,
    door: body === 'failing' ? 'request' : (DOORS[upTo(DOORS.length - 1)] ?? 'request'),
    // Some are asked for more often than others: they stay in memory and grow stale.
    prompt: isLarge
      ? `large ${upTo(LARGE_PROMPTS - 1)}`
      : `prompt ${Math.min(upTo(PROMPTS - 1), upTo(PROMPTS - 1), upTo(PROMPTS - 1))}`,
    body,
    stream: upTo(99) < 60,
    trouble: troubleOf(upTo(99), upTo(6)),
    reader: readerOf(upTo(99), upTo(8)),
  }
}

function bodyOf(percent: number): BodyKind {
  if (percent < 94) return 'json'
  if (percent < 96) return 'broken-json'
  return percent < 98 ? 'huge' : 'failing'
}

function troubleOf(percent: number, after: number): Trouble {
  if (percent < 50) return { kind: 'none' }
  if (percent < 60) return { kind: 'slow' }
  if (percent < 72) return { kind: 'gzip' }
  if (percent < 78) return { kind: 'reset', after }
  if (percent < 84) return { kind: 'truncate', after }
  if (percent < 90) return { kind: 'error', after }
  return { kind: 'status', status: percent < 95 ? 429 : 500 }
}

function readerOf(percent: number, after: number): Reader {
  if (percent < 60) return { kind: 'whole' }
  if (percent < 70) return { kind: 'slow', gap: 1 + (after % 3) }
  return percent < 85 ? { kind: 'leaves', after: after + 1 } : { kind: 'aborts', after }
}
