import { useState } from 'preact/hooks'
import { showBytes, showCount, showDollars, showSeconds } from '../../base/units.ts'
import { answersOf, hitRateOf } from '../../telemetry/hit-rate.ts'
import type { GroupFigures, Latency, Stats } from '../../telemetry/stats.ts'
import type { PageStats } from '../page-source.ts'
import { HitChart } from './chart.ts'
import { html, type Markup } from './html.ts'
import { Counts, Table, Tile, Title } from './parts.ts'

/** Hit rate, what was saved, by model and by namespace, and why answers were not stored. */
export function Overview({ stats, isLive }: { stats: PageStats; isLive: boolean }): Markup {
  // A store that keeps no figures only knows hits.
  const isWhole = isLive || stats.hours !== undefined
  return html`<${Title}>Overview<//>
    ${stats.hours === undefined ? null : html`<p class="note">Calls of all processes that used the store, of the last 30 days.</p>`}
    <${Tiles} stats=${stats} isLive=${isLive} isWhole=${isWhole} />
    ${isWhole ? html`<${OverTime} stats=${stats} />` : null}
    <${Groups} name="By model" groups=${stats.byModel} isWhole=${isWhole} />
    <${Groups} name="By namespace" groups=${stats.byNamespace} isWhole=${isWhole} />
    ${isWhole ? html`<${Reasons} stats=${stats} />` : null}`
}

function Tiles({ stats, isLive, isWhole }: { stats: Stats; isLive: boolean; isWhole: boolean }): Markup {
  const { saved, spent, entries, size, unpriced, latency } = stats
  const rate = hitRateOf(stats)
  const cached = saved.cachedTokens + spent.cachedTokens
  const tokens = saved.inputTokens + saved.outputTokens
  return html`<dl class="tiles">
    ${isWhole ? html`<${Tile} name="Hit rate" value=${percent(rate)} note=${`${showCount(answersOf(stats))} calls`} />` : null}
    ${isWhole ? html`<${Tile} name="Time saved" value=${showSeconds(saved.time)} />` : null}
    <${Tile}
      name="Tokens saved"
      value=${showCount(tokens)}
      note=${`${showCount(saved.inputTokens)} in, ${showCount(saved.outputTokens)} out`}
    />
    <${Tile}
      name="Money saved"
      value=${showDollars(saved.cost)}
      note=${unpriced > 0 ? `${showCount(unpriced)} answers without a known price` : undefined}
    />
    <${Tile}
      name="Cached by providers"
      value=${`${showCount(cached)} tokens`}
      note="input that their own caches held"
    />
    <${Tile} name="Entries" value=${showCount(entries)} note=${showBytes(size)} />
    ${isLive ? html`<${Tile} name="Wait for a hit" value=${waitOf(latency.hit)} note="median" />` : null}
    ${isLive ? html`<${Tile} name="Wait for the provider" value=${waitOf(latency.miss)} note="median, to the head" />` : null}
  </dl>`
}

/** A span in minutes, and the number of bars. */
interface Span {
  readonly span: number
  readonly bars?: number
  readonly name: string
}

const HOUR: Span = { span: 60, name: 'Last hour' }
const DAY: Span = { span: 1440, bars: 24, name: 'Last 24 hours' }
const OF_MINUTES: readonly Span[] = [HOUR, { span: 360, name: 'Last 6 hours' }, { span: 1440, name: 'Last 24 hours' }]
const OF_HOURS: readonly Span[] = [
  DAY,
  { span: 10_080, bars: 56, name: 'Last 7 days' },
  { span: 43_200, name: 'Last 30 days' },
]

function OverTime({ stats: { minutes, hours } }: { stats: PageStats }): Markup {
  const [chosen, choose] = useState(hours === undefined ? HOUR : DAY)
  return html`<section>
    <div class="bar-of">
      <h2>Hits over time</h2>
      <div role="group" aria-label="Span of time">
        ${(hours === undefined ? OF_MINUTES : OF_HOURS).map(
          (one) =>
            html`<button type="button" aria-pressed=${one.name === chosen.name} onClick=${() => choose(one)}>
              ${one.name}
            </button>`,
        )}
      </div>
    </div>
    <${HitChart} minutes=${hours ?? minutes} span=${chosen.span} bars=${chosen.bars} />
  </section>`
}

interface GroupsProps {
  readonly name: string
  readonly groups: Readonly<Record<string, GroupFigures>>
  /** Whether misses are known. */
  readonly isWhole: boolean
}

function Groups({ name, groups, isWhole }: GroupsProps): Markup {
  const rows = Object.entries(groups).toSorted(([, left], [, right]) => answersOf(right) - answersOf(left))
  if (rows.length === 0) return null
  return html`<section>
    <h2>${name}</h2>
    <${Table} name=${name}>
      <thead>
        <tr>
          <th>Name</th>
          <th class="number">${isWhole ? 'Calls' : 'Hits'}</th>
          ${
            isWhole
              ? html`<th class="number">Hit rate</th>
                  <th class="number wide">Time saved</th>`
              : null
          }
          <th class="number wide">Tokens saved</th>
          <th class="number">Money saved</th>
          <th class="number wide">Cached by provider</th>
        </tr>
      </thead>
      <tbody>
        ${rows.slice(0, 100).map(([group, figures]) => html`<${GroupRow} name=${group} figures=${figures} isWhole=${isWhole} />`)}
      </tbody>
    <//>
  </section>`
}

function GroupRow({ name, figures, isWhole }: { name: string; figures: GroupFigures; isWhole: boolean }): Markup {
  const { saved, spent } = figures
  return html`<tr>
    <td class="name-cell">${name === '' ? html`<i>none</i>` : name}</td>
    <td class="number">${showCount(answersOf(figures))}</td>
    ${
      isWhole
        ? html`<td class="number">${percent(hitRateOf(figures))}</td>
            <td class="number wide">${showSeconds(saved.time)}</td>`
        : null
    }
    <td class="number wide">${showCount(saved.inputTokens + saved.outputTokens)}</td>
    <td class="number">${showDollars(saved.cost)}</td>
    <td class="number wide">${showCount(saved.cachedTokens + spent.cachedTokens)}</td>
  </tr>`
}

function Reasons({ stats }: { stats: Stats }): Markup {
  return html`<div class="columns">
      <${Counts} name="Answers that were not stored" column="Reason" counts=${stats.refusals} />
      <${Counts} name="Calls that bypassed the cache" column="Reason" counts=${stats.bypasses} />
      <${Counts} name="Calls that did not reach the cache" column="Host" counts=${stats.unmatched} />
      ${Object.keys(stats.cacheMisses).length === 0 ? null : html`<${Counts} name="Misses of the providers' own caches" column="Reason" counts=${stats.cacheMisses} />`}
    </div>
    <${Drift} stats=${stats} />`
}

function Drift({ stats }: { stats: Stats }): Markup {
  const rows = Object.entries(stats.drift)
  if (rows.length === 0) return null
  return html`<section>
    <h2>Drift</h2>
    <p class="note">Hits whose call was made again, and what the new answer was beside the stored one.</p>
    <${Table} name="Drift">
      <thead>
        <tr>
          <th>Model</th>
          <th class="number wide">Checked</th>
          <th class="number">Equal</th>
          <th class="number">Different</th>
          <th class="number">Failed</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([model, { checked, equal, different, failed }]) =>
            html`<tr>
              <td class="name-cell">${model}</td>
              <td class="number wide">${showCount(checked)}</td>
              ${[equal, different, failed].map((count) => html`<td class="number">${showCount(count)}</td>`)}
            </tr>`,
        )}
      </tbody>
    <//>
  </section>`
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${Math.round(100 * share)} %`
}

function waitOf(latency: Latency): string {
  return latency.count === 0 ? '–' : showSeconds(latency.p50)
}
