import { useState } from 'preact/hooks'
import { showBytes, showCount, showDollars, showSeconds } from '../../base/units.ts'
import type { GroupFigures, Latency, Stats } from '../../telemetry/stats.ts'
import { HitChart } from './chart.ts'
import { html, type Markup } from './html.ts'
import { Counts, Table, Tile, Title } from './parts.ts'

/** Hit rate, what was saved, by model and by namespace, and why answers were not stored. */
export function Overview({ stats, isLive }: { stats: Stats; isLive: boolean }): Markup {
  return html`<${Title}>Overview<//>
    <${Tiles} stats=${stats} isLive=${isLive} />
    ${isLive ? html`<${OverTime} stats=${stats} />` : null}
    <${Groups} name="By model" groups=${stats.byModel} isLive=${isLive} />
    <${Groups} name="By namespace" groups=${stats.byNamespace} isLive=${isLive} />
    ${isLive ? html`<${Reasons} stats=${stats} />` : null}`
}

function Tiles({ stats, isLive }: { stats: Stats; isLive: boolean }): Markup {
  const { saved, spent, entries, size, unpriced, latency } = stats
  const rate = rateOf(stats)
  const cached = saved.cachedTokens + spent.cachedTokens
  const tokens = saved.inputTokens + saved.outputTokens
  return html`<dl class="tiles">
    ${isLive ? html`<${Tile} name="Hit rate" value=${percent(rate)} note=${`${showCount(answersOf(stats))} calls`} />` : null}
    ${isLive ? html`<${Tile} name="Time saved" value=${showSeconds(saved.time)} />` : null}
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

const SPANS = [
  [60, 'Last hour'],
  [360, 'Last 6 hours'],
  [1440, 'Last 24 hours'],
] as const

function OverTime({ stats }: { stats: Stats }): Markup {
  const [span, setSpan] = useState<number>(60)
  return html`<section>
    <div class="bar-of">
      <h2>Hits over time</h2>
      <div role="group" aria-label="Span of time">
        ${SPANS.map(
          ([minutes, name]) =>
            html`<button type="button" aria-pressed=${span === minutes} onClick=${() => setSpan(minutes)}>
              ${name}
            </button>`,
        )}
      </div>
    </div>
    <${HitChart} minutes=${stats.minutes} span=${span} />
  </section>`
}

interface GroupsProps {
  readonly name: string
  readonly groups: Readonly<Record<string, GroupFigures>>
  readonly isLive: boolean
}

function Groups({ name, groups, isLive }: GroupsProps): Markup {
  const rows = Object.entries(groups).toSorted(([, left], [, right]) => answersOf(right) - answersOf(left))
  if (rows.length === 0) return null
  return html`<section>
    <h2>${name}</h2>
    <${Table} name=${name}>
      <thead>
        <tr>
          <th>Name</th>
          <th class="number">${isLive ? 'Calls' : 'Hits'}</th>
          ${
            isLive
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
        ${rows.slice(0, 100).map(([group, figures]) => html`<${GroupRow} name=${group} figures=${figures} isLive=${isLive} />`)}
      </tbody>
    <//>
  </section>`
}

function GroupRow({ name, figures, isLive }: { name: string; figures: GroupFigures; isLive: boolean }): Markup {
  const { saved, spent } = figures
  return html`<tr>
    <td class="name-cell">${name === '' ? html`<i>none</i>` : name}</td>
    <td class="number">${showCount(answersOf(figures))}</td>
    ${
      isLive
        ? html`<td class="number">${percent(rateOf(figures))}</td>
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
          <th class="number">Checked</th>
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
              ${[checked, equal, different, failed].map((count) => html`<td class="number">${showCount(count)}</td>`)}
            </tr>`,
        )}
      </tbody>
    <//>
  </section>`
}

type Answered = Pick<Stats, 'hits' | 'misses' | 'coalesced' | 'stale' | 'refreshes'>

function answersOf({ hits, misses, coalesced, stale, refreshes }: Answered): number {
  return hits + misses + coalesced + stale + refreshes
}

/** Whoever shares another's call has saved one, too. */
function rateOf(answers: Answered): number | undefined {
  const all = answersOf(answers)
  return all === 0 ? undefined : (answers.hits + answers.coalesced + answers.stale) / all
}

function percent(share: number | undefined): string {
  return share === undefined ? '–' : `${Math.round(100 * share)} %`
}

function waitOf(latency: Latency): string {
  return latency.count === 0 ? '–' : showSeconds(latency.p50)
}
