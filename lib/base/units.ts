/** Formats seconds: `0.3 ms`, `12 ms`, `1.24 s`. */
export function showSeconds(time: number): string {
  if (time >= 1) return `${time.toFixed(2)} s`
  const ms = time * 1000
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

const SPANS: readonly (readonly [number, string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
  [1, 's'],
]

/** Formats seconds in the largest unit of which there is at least one: `45s`, `12m`, `3h`, `9d`. */
export function showSpan(time: number): string {
  const [size, unit] = SPANS.find(([seconds]) => Math.abs(time) >= seconds) ?? [1, 's']
  return `${Math.trunc(time / size)}${unit}`
}

/** {@link showSpan} of the time since `at` (milliseconds since the epoch); `0s` if a clock was ahead then. */
export function showAge(at: number, now: number): string {
  return showSpan(Math.max(0, now - at) / 1000)
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Formats bytes: `812 B`, `1.4 KiB`, `25 MiB`. */
export function showBytes(size: number): string {
  const step = size < 1 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log2(size) / 10))
  const value = size / 1024 ** step
  return `${step > 0 && value < 10 ? value.toFixed(1) : Math.round(value)} ${SIZES[step]}`
}

/** Formats US dollars with two significant digits: `$0.0021`, `$1.24`. */
export function showDollars(cost: number): string {
  const digits = cost > 0 && cost < 1 ? Math.min(8, 1 - Math.floor(Math.log10(cost))) : 2
  return `$${cost.toFixed(digits)}`
}

/** `3,210`. */
export function showCount(count: number): string {
  return count.toLocaleString('en')
}

/** `1 hit`, `3,210 hits`. */
export function showNumberOf(count: number, one: string, many: string = `${one}s`): string {
  return `${showCount(count)} ${count === 1 ? one : many}`
}

/**
 * Makes foreign text safe to print, so that it can't move the cursor or start a line; cut after `most` characters, 200
 * by default.
 */
export function showPlain(text: string, most: number = 200): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?').slice(0, most)
}
