import { useEffect, useRef, useState } from 'preact/hooks'
import { showBytes, showCount } from '../../base/units.ts'
import type { EntryInfo } from '../../stores/entry.ts'
import { isFromFuture } from '../../stores/freshness.ts'
import type { EntriesPage } from '../routes.ts'
import { getEntries } from './api.ts'
import { html, type Markup } from './html.ts'
import { showTime, Table, Title } from './parts.ts'
import { Link } from './route.ts'

interface Query {
  readonly search: string
  /** `''` for all. */
  readonly namespace: string
  readonly sort: string
  readonly order: 'ascending' | 'descending'
  readonly offset: number
  /** Counts reloads: another number loads the list again. */
  readonly version: number
}

const PAGE_SIZE = 50
/** Milliseconds after the last letter before a search starts. */
const TYPING = 250

/** The list of entries: searched, sorted, page by page. */
export function Entries(): Markup {
  const [query, setQuery] = useState<Query>({
    search: '',
    namespace: '',
    sort: 'storedAt',
    order: 'descending',
    offset: 0,
    version: 0,
  })
  const { page, hasFailed } = usePage(query)
  const sortBy = (sort: string): void =>
    setQuery({ ...query, sort, offset: 0, order: query.sort === sort ? turned(query.order) : 'descending' })
  const filter = (part: Partial<Query>): void => setQuery((before) => ({ ...before, ...part, offset: 0 }))
  return html`<${Title}>Entries<//>
    <form class="bar-of" role="search" onSubmit=${(event: Event) => event.preventDefault()}>
      <div class="fields">
        <${Field} name="Search" hint="model, provider, tag, key" onText=${(search: string) => filter({ search })} />
        <${Field} name="Namespace" hint="all" onText=${(namespace: string) => filter({ namespace })} />
      </div>
      <button type="button" onClick=${() => filter({ version: query.version + 1 })}>Reload</button>
    </form>
    ${hasFailed ? html`<p role="alert">The entries could not be listed.</p>` : null}
    ${page === undefined ? html`<p class="none">Loading …</p>` : html`<${List} page=${page} query=${query} sortBy=${sortBy} />`}
    <${Pager} page=${page} query=${query} go=${(offset: number) => setQuery({ ...query, offset })} />`
}

function usePage(query: Query): { page: EntriesPage | undefined; hasFailed: boolean } {
  const [page, setPage] = useState<EntriesPage>()
  const [hasFailed, setFailed] = useState(false)
  const { search, namespace, sort, order, offset, version } = query
  useEffect(() => {
    let isOver = false
    const show = (loaded: EntriesPage | undefined): void => {
      if (isOver) return
      setFailed(loaded === undefined)
      if (loaded !== undefined) setPage(loaded)
    }
    const fresh = String(offset === 0)
    const inNamespace = namespace === '' ? {} : { namespace }
    getEntries({ search, ...inNamespace, sort, order, offset: String(offset), fresh }).then(show, () => show(undefined))
    return () => {
      isOver = true
    }
  }, [search, namespace, sort, order, offset, version])
  return { page, hasFailed }
}

/** A text field. Its value is used once typing pauses. */
function Field({ name, hint, onText }: { name: string; hint: string; onText: (text: string) => void }): Markup {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const onInput = ({ currentTarget: { value } }: { readonly currentTarget: HTMLInputElement }): void => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onText(value.trim()), TYPING)
  }
  return html`<label>${name}${' '}<input type="search" placeholder=${hint} onInput=${onInput} /></label>`
}

const COLUMNS: readonly (readonly [sort: string, name: string, style: string])[] = [
  ['model', 'Model', ''],
  ['provider', 'Provider', 'wide'],
  ['namespace', 'Namespace', 'wide'],
  ['hits', 'Hits', 'number'],
  ['tokens', 'Tokens', 'number wide'],
  ['size', 'Size', 'number wide'],
  ['storedAt', 'Stored', 'wide'],
  ['expiresAt', 'Expires', ''],
]

function List({ page, query, sortBy }: { page: EntriesPage; query: Query; sortBy: (sort: string) => void }): Markup {
  if (page.total === 0) return html`<p class="none">There is no such entry.</p>`
  return html`<${Table} name="Entries">
    <thead>
      <tr>
        <th>Key</th>
        ${COLUMNS.map(
          ([sort, name, style]) =>
            html`<th class=${style} aria-sort=${query.sort === sort ? query.order : 'none'}>
              <button type="button" class="sort" onClick=${() => sortBy(sort)}>${name}</button>
            </th>`,
        )}
      </tr>
    </thead>
    <tbody>
      ${page.entries.map((entry) => html`<${Row} key=${entry.key} entry=${entry} />`)}
    </tbody>
  <//>`
}

function Row({ entry }: { entry: EntryInfo }): Markup {
  const { key, model = '', provider, namespace, hits, usage, size, storedAt, stream } = entry
  return html`<tr>
    <td>
      <${Link} to=${`/entry?key=${key}`}><code>${key.slice(0, 8)}</code><//>
    </td>
    <td class="name-cell">${model}${stream ? html` <small>stream</small>` : null}</td>
    <td class="wide">${provider}</td>
    <td class="wide">${namespace}</td>
    <td class="number">${showCount(hits)}</td>
    <td class="number wide">${usage === undefined ? '' : showCount(usage.inputTokens + usage.outputTokens)}</td>
    <td class="number wide">${showBytes(size)}</td>
    <td class="wide">${when(storedAt)}</td>
    <td>${expiry(entry)}</td>
  </tr>`
}

function expiry(entry: EntryInfo): string {
  if (isFromFuture(entry, Date.now())) return 'clock was ahead'
  return entry.expiresAt < Date.now() ? 'expired' : when(entry.expiresAt)
}

/** The time of day, or the date if that is not today. */
function when(at: number): string {
  const date = new Date(at)
  const isToday = date.toDateString() === new Date().toDateString()
  return isToday ? showTime(at) : date.toLocaleDateString()
}

function Pager({
  page,
  query,
  go,
}: {
  page: EntriesPage | undefined
  query: Query
  go: (offset: number) => void
}): Markup {
  if (page === undefined || page.total === 0) return null
  const { offset } = query
  const last = Math.floor((page.total - 1) / PAGE_SIZE) * PAGE_SIZE
  const to = Math.min(page.total, offset + PAGE_SIZE)
  const button = (name: string, target: number, isOff: boolean): Markup =>
    html`<button type="button" disabled=${isOff} onClick=${() => go(target)}>${name}</button>`
  return html`<nav class="bar-of" aria-label="Pages">
    <p role="status">${showCount(offset + 1)} – ${showCount(to)} of ${showCount(page.total)}</p>
    <div class="buttons">
      ${button('First', 0, offset === 0)} ${button('Previous', Math.max(0, offset - PAGE_SIZE), offset === 0)}
      ${button('Next', offset + PAGE_SIZE, offset >= last)} ${button('Last', last, offset >= last)}
    </div>
  </nav>`
}

function turned(order: Query['order']): Query['order'] {
  return order === 'ascending' ? 'descending' : 'ascending'
}
