import type { Minute } from '../../telemetry/stats.ts'
import { html, type Markup } from './html.ts'
import { Table } from './parts.ts'

/** Calls of some minutes together. */
interface Bucket {
  readonly at: number
  readonly hits: number
  readonly misses: number
}

const BARS = 60
const MINUTE = 60_000

/** The last minutes in 60 buckets, those without a call too. */
export function bucketsOf(minutes: readonly Minute[], span: number, now: number): Bucket[] {
  const size = Math.max(1, Math.round(span / BARS)) * MINUTE
  const end = Math.ceil((now + 1) / size) * size
  const buckets = Array.from({ length: BARS }, (_, at) => ({ at: end - (BARS - at) * size, hits: 0, misses: 0 }))
  for (const { at, hits, misses } of minutes) {
    const bucket = buckets[BARS - Math.ceil((end - at) / size)]
    if (bucket === undefined) continue
    bucket.hits += hits
    bucket.misses += misses
  }
  return buckets
}

/** Hits and misses over time, as bars and as a table. `span`: minutes. */
export function HitChart({ minutes, span }: { minutes: readonly Minute[]; span: number }): Markup {
  const buckets = bucketsOf(minutes, span, Date.now())
  const most = Math.max(1, ...buckets.map(({ hits, misses }) => hits + misses))
  const used = buckets.filter(({ hits, misses }) => hits + misses > 0)
  const sum = (member: 'hits' | 'misses'): number => used.reduce((total, bucket) => total + bucket[member], 0)
  const label = `Hits and misses over time: ${sum('hits')} hits and ${sum('misses')} misses. The same as a table below.`
  return html`<figure class="chart">
    <svg viewBox="0 0 600 160" role="img" aria-label=${label} preserveAspectRatio="none">
      <line class="axis" x1="0" x2="600" y1="159.5" y2="159.5" />
      ${buckets.map((bucket, at) => html`<${Column} bucket=${bucket} at=${at} most=${most} />`)}
    </svg>
    <figcaption>
      <span>${timeOf(buckets[0]?.at ?? 0)}</span>
      <span
        ><i class="key key-hit"></i>hits <i class="key key-miss"></i>misses<span class="wide">
          · at most ${most} in a bar</span
        ></span
      >
      <span>now</span>
    </figcaption>
    <details>
      <summary>As a table</summary>
      <${Table} name="Hits and misses over time">
        <thead>
          <tr>
            <th>From</th>
            <th class="number">Hits</th>
            <th class="number">Misses</th>
            <th class="number">Hit rate</th>
          </tr>
        </thead>
        <tbody>
          ${used.map(
            ({ at, hits, misses }) =>
              html`<tr>
                <td>${timeOf(at)}</td>
                <td class="number">${hits}</td>
                <td class="number">${misses}</td>
                <td class="number">${Math.round((100 * hits) / (hits + misses))} %</td>
              </tr>`,
          )}
        </tbody>
      <//>
    </details>
  </figure>`
}

const HEIGHT = 150

function Column({ bucket, at, most }: { bucket: Bucket; at: number; most: number }): Markup {
  const hits = (HEIGHT * bucket.hits) / most
  const misses = (HEIGHT * bucket.misses) / most
  return html`<g>
    <title>${timeOf(bucket.at)}: ${bucket.hits} hits, ${bucket.misses} misses</title>
    <rect class="miss" x=${at * 10 + 1} width="8" y=${159 - hits - misses} height=${misses} />
    <rect class="hit" x=${at * 10 + 1} width="8" y=${159 - hits} height=${hits} />
  </g>`
}

function timeOf(at: number): string {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}
