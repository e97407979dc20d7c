import { adviceOf } from '../../telemetry/inside-counts.ts'
import type { Stats } from '../../telemetry/stats.ts'
import { html, type Markup } from './html.ts'
import type { LiveMiss } from './live.ts'
import { Counts, Table, Title } from './parts.ts'
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
              None was explained since the page was opened. The option <code>explain</code>,
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

function Last({ misses }: { misses: readonly LiveMiss[] }): Markup {
  return html`<${Table} name="The last misses">
    <thead>
      <tr>
        <th>Time</th>
        <th>Model</th>
        <th>Reason</th>
        <th>What differs</th>
        <th class="wide">Nearest</th>
      </tr>
    </thead>
    <tbody>
      ${misses.map(
        ({ at, key, model, reason, differs, nearest }) =>
          html`<tr key=${`${at}${key}`}>
            <td>${new Date(at).toLocaleTimeString()}</td>
            <td>${model}</td>
            <td>${reason}</td>
            <td>${differs.slice(0, 5).map((part) => html`<div><code>${part}</code></div>`)}</td>
            <td class="wide">
              ${nearest === undefined ? null : html`<${Link} to=${`/entry?key=${nearest}`}><code>${nearest.slice(0, 8)}</code><//>`}
            </td>
          </tr>`,
      )}
    </tbody>
  <//>`
}
