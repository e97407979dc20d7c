/** Reads the placeholders of a path, decoded; `undefined` for another path. */
export type PathReader = (pathname: string) => Readonly<Record<string, string>> | undefined

/** `{name}`, `{name+}` or `{name:one|two}`. */
const PLACEHOLDER = /\{(\w+)(\+|:[^{}]+)?\}/g

/**
 * Compiles an endpoint's path. `{name}` is one segment or part of one, `{name+}` is one or more segments,
 * `{name:one|two}` is one of the words. Everything else is literal and case-sensitive.
 */
export function compilePath(path: string): PathReader {
  let source = ''
  let end = 0
  for (const found of path.matchAll(PLACEHOLDER)) {
    const [whole, name, kind] = found
    source += escape(path.slice(end, found.index)) + `(?<${name}>${placeholder(kind)})`
    end = found.index + whole.length
  }
  const pattern = new RegExp(`^${source}${escape(path.slice(end))}$`)
  return (pathname) => {
    const found = pattern.exec(pathname)
    return found === null ? undefined : decodeAll(found.groups ?? {})
  }
}

function placeholder(kind: string | undefined): string {
  if (kind === undefined) return '[^/]+'
  return kind === '+' ? '.+' : kind.slice(1).split('|').map(escape).join('|')
}

function decodeAll(groups: Record<string, string>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decode(value)]))
}

/** Decodes percent escapes. An invalid one stays unchanged, for the provider to reject. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Compiles a row's host. A name means https on the default port; `*` in it is one or more labels, or part of one. With
 * a scheme it is an origin.
 *
 * @throws TypeError for an origin that is not a URL.
 */
export function compileHost(host: string): (url: URL) => boolean {
  if (host.includes('://')) {
    const { origin } = new URL(host)
    return (url) => url.origin === origin
  }
  const pattern = new RegExp(`^https://${host.toLowerCase().split('*').map(escape).join('[a-z0-9.-]+')}$`)
  return (url) => pattern.test(url.origin)
}

/** `RegExp.escape` comes with Node 24. */
function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`)
}
