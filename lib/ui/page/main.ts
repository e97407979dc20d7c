import { render } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { PageFacts } from '../routes.ts'
import { ApiError, getFacts, getStats, listenLive } from './api.ts'
import { Entries } from './entries.ts'
import { EntryView } from './entry.ts'
import { html, type Markup } from './html.ts'
import { Live, type LiveState, NOTHING, withEvent } from './live.ts'
import { Misses } from './misses.ts'
import { Overview } from './overview.ts'
import { Link, type Route, useRoute } from './route.ts'
import { usePolled } from './use-polled.ts'

function App(): Markup {
  const route = useRoute()
  const facts = usePolled(getFacts)
  const live = useLive(facts.value?.isLive === true)
  useEffect(() => {
    document.querySelector('h1')?.focus()
    document.title = titleOf(route.path)
  }, [route.path, route.query.get('key')])
  return html`<a class="skip" href="#main" onClick=${skip}>To the content</a>
    <header>
      <b>undici-llm-cache</b>
      ${facts.value === undefined ? null : html`<${Menu} path=${route.path} facts=${facts.value} />`}
    </header>
    <main id="main" tabindex="-1">
      ${facts.error === undefined ? null : html`<p role="alert">${describe(facts.error)}</p>`}
      ${facts.value === undefined ? null : html`<${View} route=${route} facts=${facts.value} live=${live} />`}
    </main>`
}

const TITLES: Readonly<Record<string, string>> = {
  '/': 'Overview',
  '/entries': 'Entries',
  '/entry': 'Entry',
  '/live': 'Live calls',
  '/misses': 'Misses',
}

function titleOf(path: string): string {
  return [TITLES[path], 'undici-llm-cache'].filter(Boolean).join(' · ')
}

/** Moves the focus by script: following the link would replace the fragment, which has the token. */
function skip(event: Event): void {
  event.preventDefault()
  document.querySelector('h1')?.focus()
}

function Menu({ path, facts }: { path: string; facts: PageFacts }): Markup {
  const views = [['/', 'Overview'], ['/entries', 'Entries'], ...(facts.isLive ? LIVE_VIEWS : [])] as const
  return html`<nav aria-label="Views">
    ${views.map(([to = '', name]) => html`<${Link} to=${to} current=${path === to}>${name}<//>`)}
  </nav>`
}

const LIVE_VIEWS = [
  ['/live', 'Live'],
  ['/misses', 'Misses'],
] as const

function View({ route, facts, live }: { route: Route; facts: PageFacts; live: LiveState }): Markup {
  const { value: stats } = usePolled(getStats)
  const { path, query } = route
  if (path === '/entries') return html`<${Entries} />`
  if (path === '/entry') return html`<${EntryView} entryKey=${query.get('key') ?? ''} allowClear=${facts.allowClear} />`
  if (path === '/live') return html`<${Live} live=${live} />`
  if (stats === undefined) return html`<p class="none">Loading …</p>`
  if (path === '/misses') return html`<${Misses} stats=${stats} misses=${live.misses} />`
  return html`<${Overview} stats=${stats} isLive=${facts.isLive} />`
}

/** Milliseconds before a closed connection is opened again. */
const AGAIN = 2000

/** The live calls. Connects again after the app was restarted. */
function useLive(isOn: boolean): LiveState {
  const [live, setLive] = useState(NOTHING)
  useEffect(() => {
    if (!isOn) return undefined
    const aborter = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const connect = async (): Promise<void> => {
      setLive(NOTHING)
      await listenLive((event) => setLive((before) => withEvent(before, event)), aborter.signal).catch(() => undefined)
      if (!aborter.signal.aborted) timer = setTimeout(() => void connect(), AGAIN)
    }
    void connect()
    return () => {
      aborter.abort()
      clearTimeout(timer)
    }
  }, [isOn])
  return live
}

function describe(error: unknown): string {
  const status = error instanceof ApiError ? error.status : 0
  if (status === 401) return 'This page opens by the whole address that was printed, with what stands after its #.'
  return 'The app whose cache this is has ended, or can not be reached.'
}

render(html`<${App} />`, document.body)
