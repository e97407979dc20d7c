import { html, type Markup } from './html.ts'

/** The heading of a view. It gets the focus when the view opens. */
export function Title({ children }: { children?: unknown }): Markup {
  return html`<h1 tabindex="-1">${children}</h1>`
}

/** One figure with its name. */
export function Tile({ name, value, note }: { name: string; value: string; note?: string | undefined }): Markup {
  return html`<div class="tile">
    <dt>${name}</dt>
    <dd>${value}</dd>
    ${note === undefined ? null : html`<dd class="note">${note}</dd>`}
  </div>`
}

/** A table that scrolls sideways where the page is too narrow. */
export function Table({ name, children }: { name: string; children?: unknown }): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${name}>
    <table>
      ${children}
    </table>
  </div>`
}

/** A share as a bar, 0 … 1. */
export function Bar({ share }: { share: number }): Markup {
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
    <rect class="bar-all" width="100" height="8" />
    <rect class="bar-part" width=${100 * Math.min(1, share)} height="8" />
  </svg>`
}

/** Counts by name, the largest first. */
export function Counts({
  name,
  column,
  counts,
}: {
  name: string
  column: string
  counts: Record<string, number>
}): Markup {
  const rows = Object.entries(counts).toSorted(([, left], [, right]) => right - left)
  const all = rows.reduce((sum, [, count]) => sum + count, 0)
  return html`<section>
    <h2>${name}</h2>
    ${
      rows.length === 0
        ? html`<p class="none">None.</p>`
        : html`<${Table} name=${name}>
            <thead>
              <tr>
                <th>${column}</th>
                <th class="number">Count</th>
                <th class="wide">Share</th>
              </tr>
            </thead>
            <tbody>
              ${rows.slice(0, 50).map(
                ([part, count]) =>
                  html`<tr>
                    <td class="name-cell"><code>${part}</code></td>
                    <td class="number">${count.toLocaleString('en')}</td>
                    <td class="wide"><${Bar} share=${count / all} /></td>
                  </tr>`,
              )}
            </tbody>
          <//>`
    }
  </section>`
}

/** A time of day, to the second. `at`: milliseconds since the epoch. */
export function showTime(at: number): string {
  return new Date(at).toLocaleTimeString([], {
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
}
