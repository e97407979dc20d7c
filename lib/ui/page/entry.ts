import { useEffect, useState } from 'preact/hooks'
import { showBytes, showCount } from '../../base/units.ts'
import type { EntryInfo } from '../../stores/entry.ts'
import { isFromFuture } from '../../stores/freshness.ts'
import { Answer } from './answer.ts'
import { deleteEntry, getEntry } from './api.ts'
import { html, type Markup } from './html.ts'
import { Title } from './parts.ts'
import { go } from './route.ts'

/** One entry: its metadata and its answer. */
export function EntryView({ entryKey, allowClear }: { entryKey: string; allowClear: boolean }): Markup {
  const [entry, setEntry] = useState<EntryInfo | null>()
  useEffect(() => {
    getEntry(entryKey).then(setEntry, () => setEntry(null))
  }, [entryKey])
  if (entry === undefined)
    return html`<${Title}>Entry<//>
      <p class="none">Loading …</p>`
  if (entry === null)
    return html`<${Title}>Entry<//>
      <p role="alert">There is no such entry any more.</p>`
  return html`<${Title}>Entry <code>${entry.key.slice(0, 8)}</code><//>
    <${Facts} entry=${entry} />
    ${allowClear ? html`<${Delete} entryKey=${entry.key} />` : null}
    <${Answer} entryKey=${entry.key} />`
}

function Facts({ entry }: { entry: EntryInfo }): Markup {
  const { usage } = entry
  const rows: [name: string, value: string][] = [
    ['Key', entry.key],
    ['Model', entry.model ?? '–'],
    ['Provider', entry.provider],
    ['Endpoint', entry.endpoint],
    ['Namespace', entry.namespace === '' ? '–' : entry.namespace],
    ['Tags', entry.tags.length === 0 ? '–' : entry.tags.join(', ')],
    ['Form', entry.stream ? 'stream' : 'document'],
    ['Size', showBytes(entry.size)],
    ['Stored', new Date(entry.storedAt).toLocaleString()],
    ['Expires', expiry(entry)],
    ['Hits', showCount(entry.hits)],
    ['Tokens', usage === undefined ? '–' : `${showCount(usage.inputTokens)} in, ${showCount(usage.outputTokens)} out`],
  ]
  return html`<dl class="facts">
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`
}

function expiry(entry: EntryInfo): string {
  if (isFromFuture(entry, Date.now())) return 'counts as missing: it was stored while a clock was ahead'
  return new Date(entry.expiresAt).toLocaleString()
}

function Delete({ entryKey }: { entryKey: string }): Markup {
  const [hasFailed, setFailed] = useState(false)
  const remove = (): void => {
    if (!confirm('Delete this entry?')) return
    deleteEntry(entryKey).then(
      () => go('/entries'),
      () => setFailed(true),
    )
  }
  return html`<p>
    <button type="button" class="danger" onClick=${remove}>Delete this entry</button>
    ${hasFailed ? html`<span role="alert"> It could not be deleted.</span>` : null}
  </p>`
}
