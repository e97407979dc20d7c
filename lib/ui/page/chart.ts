import type { Minute } from '../../telemetry/stats.ts'
import { html, type Markup } from './html.ts'
import { Table } from './parts.ts'

/** Hits and misses of a span of time. */
interface Bucket {
  readonly at: number
  readonly hits: number
  readonly misses: number
}

/** How many buckets there are by default. */
const BARS = 60
/** Width of the drawing. */
const WIDTH = 600
/** Minutes. */
const DAY = 1440
const MINUTE = 60_000

/** The last `span` minutes in `bars` buckets, including those without a call. */
function bucketsOf(minutes: readonly Minute[], span: number, now: number, bars: number = BARS): Bucket[] {
  const size = Math.max(1, Math.round(span / bars)) * MINUTE
  const end = Math.ceil((now + 1) / size) * size
  const buckets = Array.from({ length: bars }, (_, at) => ({ at: end - (bars - at) * size, hits: 0, misses: 0 }))
  for (const { at, hits, misses } of minutes) {
    const bucket = buckets[bars - Math.ceil((end - at) / size)]
    if (bucket === undefined) continue
    bucket.hits += hits
    bucket.misses += misses
  }
  return buckets
}

interface ChartProps {
  /** Figures for each minute or hour. */
  readonly minutes: readonly Minute[]
  /** Minutes. */
  readonly span: number
  readonly bars?: number | undefined
}

/** Hits and misses over time, as bars and as a table. */
export function HitChart({ minutes, span, bars = BARS }: ChartProps): Markup {
  const buckets = bucketsOf(minutes, span, Date.now(), bars)
  const timeOf = span > DAY ? dateOf : clockOf
  const width = WIDTH / bars
  const most = Math.max(1, ...buckets.map(({ hits, misses }) => hits + misses))
  const used = buckets.filter(({ hits, misses }) => hits + misses > 0)
  const sum = (member: 'hits' | 'misses'): number => used.reduce((total, bucket) => total + bucket[member], 0)
  const label = `Hits and misses over time: ${sum('hits')} hits and ${sum('misses')} misses. The same as a table below.`
  return html`<figure class="chart">
    <svg viewBox="0 0 600 160" role="img" aria-label=${label} preserveAspectRatio="none">
      <line class="axis" x1="0" x2="600" y1="159.5" y2="159.5" />
      ${buckets.map((bucket, at) => html`<${Column} bucket=${bucket} x=${at * width} width=${width} most=${most} name=${timeOf(bucket.at)} />`)}
    </svg>
    <figcaption>
      <span>${timeOf(buckets[0]?.at ?? 0)}</span>
      <span
        ><i class="key key-hit"></i>hits <i class="key key-miss"></i>misses${' '}<span class="wide"
          >· at most ${most} in a bar</span
        ></span
      >
      <span>now</span>
    </figcaption>
    <details>
      <summary>As a table</summary>
      <${HitTable} buckets=${used} timeOf=${timeOf} />
    </details>
  </figure>`
}

interface HitTableProps {
  readonly buckets: readonly Bucket[]
  readonly timeOf: (at: number) => string
}

function HitTable({ buckets, timeOf }: HitTableProps): Markup {
  return html`<${Table} name="Hits and misses over time">
    <thead>
      <tr>
        <th>From</th>
        <th class="number">Hits</th>
        <th class="number">Misses</th>
        <th class="number">Hit rate</th>
      </tr>
    </thead>
    <tbody>
      ${buckets.map(
        ({ at, hits, misses }) =>
          html`<tr>
            <td>${timeOf(at)}</td>
            <td class="number">${hits}</td>
            <td class="number">${misses}</td>
            <td class="number">${Math.round((100 * hits) / (hits + misses))} %</td>
          </tr>`,
      )}
    </tbody>
  <//>`
}

const HEIGHT = 150

interface ColumnProps {
  readonly bucket: Bucket
  readonly name: string
  /** Its left edge, and how much room it has. */
  readonly x: number
  readonly width: number
  readonly most: number
}

function Column({ bucket, name, x, width, most }: ColumnProps): Markup {
  const hits = (HEIGHT * bucket.hits) / most
  const misses = (HEIGHT * bucket.misses) / most
  return html`<g>
    <title>${name}: ${bucket.hits} hits, ${bucket.misses} misses</title>
    <rect class="miss" x=${x + 1} width=${width - 2} y=${159 - hits - misses} height=${misses} />
    <rect class="hit" x=${x + 1} width=${width - 2} y=${159 - hits} height=${hits} />
  </g>`
}

function dateOf(at: number): string {
  return new Date(at).toLocaleString([], { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
}

function clockOf(at: number): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}
