import { useEffect, useState } from 'preact/hooks'
import { html, type Markup } from './html.ts'

/** The current view: path and query. */
export interface Route {
  readonly path: string
  readonly query: URLSearchParams
}

function here(): Route {
  return { path: location.pathname, query: new URLSearchParams(location.search) }
}

const MOVED = 'moved'

/** Opens another view. The token stays in the fragment, so that a reload works. */
export function go(place: string): void {
  history.pushState(null, '', place + location.hash)
  dispatchEvent(new Event(MOVED))
}

/** The current view; renders again when it changes. */
export function useRoute(): Route {
  const [route, setRoute] = useState(here)
  useEffect(() => {
    const move = (): void => setRoute(here())
    for (const name of [MOVED, 'popstate']) addEventListener(name, move)
    return () => {
      for (const name of [MOVED, 'popstate']) removeEventListener(name, move)
    }
  }, [])
  return route
}

/** A link to another view. */
export function Link({ to, current, children }: { to: string; current?: boolean; children?: unknown }): Markup {
  const onClick = (event: MouseEvent): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return
    event.preventDefault()
    go(to)
  }
  return html`<a href=${to + location.hash} onClick=${onClick} aria-current=${current === true ? 'page' : undefined}>
    ${children}
  </a>`
}
