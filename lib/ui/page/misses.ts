import { adviceOf } from '../../telemetry/inside-counts.ts'
import type { Stats } from '../../telemetry/stats.ts'
import { html, type Markup } from './html.ts'
import type { LiveMiss } from './live.ts'
import { Counts, showTime, Table, Title } from './parts.ts'
import { Link } from './route.ts'

/** Why calls missed: the parts that differ, and the last misses one by one. */
export function Misses({ stats, misses }: { stats: Stats; misses: readonly LiveMiss[] }): Markup {
  return html`<${Title}>Misses<//>
    <${Advice} stats=${stats} />
    <${Counts} name="Parts that differ from the nearest entry" column="Part" counts=${stats.missedBy} />
    <section>
      <h2>The last ones</h2>
      ${
        misses.length === 0
          ? html`<p class="none">
              None was explained since the page was opened. The option <code>explain</code>,${' '}
              <code>LLM_CACHE_EXPLAIN=1</code> or the header <code>x-llm-cache-explain: true</code> has a miss
              explained.
            </p>`
          : html`<${Last} misses=${misses} />`
      }
    </section>`
}

function Advice({ stats }: { stats: Stats }): Markup {
  const advice = adviceOf(stats)
  if (advice === undefined) return null
  const name = advice.part.slice(advice.part.indexOf(' ') + 1)
  return html`<p class="advice">
    <code>${advice.part}</code> differs in ${Math.round(100 * advice.share)} % of explained misses.
    ${
      advice.option === undefined
        ? null
        : html` If it never changes the answer, leave it out of the key:${' '}<code
              >${`${advice.option}: ['${name}']`}</code
            >`
    }
  </p>`
}

/** How many parts of one miss are named. */
const NAMED = 5

function partsOf(differs: readonly string[]): Markup[] {
  const more = differs.length > NAMED ? [`and ${differs.length - NAMED} more`] : []
  return [
    ...differs.slice(0, NAMED).map((part) => html`<div><code>${part}</code></div>`),
    ...more.map((text) => html`<div>${text}</div>`),
  ]
}

function Last({ misses }: { misses: readonly LiveMiss[] }): Markup {
  return html`<${Table} name="The last misses">
    <thead>
      <tr>
        <th>Time</th>
        <th>Model</th>
        <th>Why</th>
        <th class="wide">Nearest</th>
      </tr>
    </thead>
    <tbody>
      ${misses.map(
        ({ at, key, model, reason, differs, nearest }) =>
          html`<tr key=${`${at}${key}`}>
            <td>${showTime(at)}</td>
            <td class="name-cell">${model}</td>
            <td class="name-cell">${reason === 'differs' ? partsOf(differs) : reason}</td>
            <td class="wide">
              ${nearest === undefined ? null : html`<${Link} to=${`/entry?key=${nearest}`}><code>${nearest.slice(0, 8)}</code><//>`}
            </td>
          </tr>`,
      )}
    </tbody>
  <//>`
}
