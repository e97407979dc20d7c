import { useState } from 'preact/hooks'
import { showSeconds } from '../../base/units.ts'
import type { LiveEvent } from '../live-feed.ts'
import { html, type Markup } from './html.ts'
import { showTime, Table, Title } from './parts.ts'
import { Link } from './route.ts'

/** A call, as known from the events so far. */
export interface LiveCall extends Omit<LiveEvent & { type: 'answer' }, 'type'> {
  readonly id: number
  /** Whether its provider call has ended. */
  readonly hasEnded?: boolean
  readonly refusal?: string | undefined
}

export type LiveMiss = LiveEvent & { type: 'miss' }

/** The last calls and misses, newest first. */
export interface LiveState {
  readonly calls: readonly LiveCall[]
  readonly misses: readonly LiveMiss[]
}

export const NOTHING: LiveState = { calls: [], misses: [] }

const KEPT = 200
let count = 0

/** The state after one more event. */
export function withEvent(state: LiveState, event: LiveEvent): LiveState {
  switch (event.type) {
    case 'answer':
      return { ...state, calls: [{ ...event, id: count++ }, ...state.calls].slice(0, KEPT) }
    case 'miss':
      return { ...state, misses: [event, ...state.misses].slice(0, KEPT) }
    case 'call':
      return { ...state, calls: withEnd(state.calls, event) }
    default:
      return event satisfies never
  }
}

function withEnd(calls: readonly LiveCall[], { key, refusal }: LiveEvent & { type: 'call' }): readonly LiveCall[] {
  const at = calls.findIndex((call) => call.key === key && call.hasEnded !== true && /MISS|REFRESH/.test(call.status))
  const call = calls[at]
  return call === undefined ? calls : calls.with(at, { ...call, hasEnded: true, refusal })
}

/** The list of live calls. */
export function Live({ live }: { live: LiveState }): Markup {
  const [held, hold] = useState<LiveState>()
  const { calls } = held ?? live
  return html`<div class="bar-of">
      <${Title}>Live calls<//>
      <button
        type="button"
        aria-pressed=${held !== undefined}
        onClick=${() => hold(held === undefined ? live : undefined)}
      >
        Pause
      </button>
    </div>
    ${
      calls.length === 0
        ? html`<p class="none" role="status">No call has come since the page was opened.</p>`
        : html`<${Table} name="Live calls">
            <thead>
              <tr>
                <th>Time</th>
                <th>Status</th>
                <th>Model</th>
                <th class="wide">Endpoint</th>
                <th class="number wide">Time to head</th>
                <th class="number wide">Saved</th>
                <th>Note</th>
                <th class="wide">Key</th>
              </tr>
            </thead>
            <tbody>
              ${calls.map((call) => html`<${Row} key=${call.id} call=${call} />`)}
            </tbody>
          <//>`
    }`
}

function Row({ call }: { call: LiveCall }): Markup {
  const { at, status, model, endpoint, duration, saved, detail, refusal, key } = call
  const note = [detail, refusal === undefined ? undefined : `not stored: ${refusal}`].filter(Boolean).join(', ')
  return html`<tr>
    <td>${showTime(at)}</td>
    <td><span class=${`status status-${status.toLowerCase()}`}>${status}</span></td>
    <td class="name-cell">${model}</td>
    <td class="wide"><code>${endpoint}</code></td>
    <td class="number wide">${showSeconds(duration)}</td>
    <td class="number wide">${saved === undefined ? '' : showSeconds(saved.time)}</td>
    <td class="text-cell">${note}</td>
    <td class="wide">
      ${key === undefined ? null : html`<${Link} to=${`/entry?key=${key}`}><code>${key.slice(0, 8)}</code><//>`}
    </td>
  </tr>`
}
