/** The location of a store, as given by a variable or on a command line. */
export type StoreAddress =
  /** No second tier: answers live as long as the process. */
  | { readonly kind: 'memory' }
  /** A file; its path may be relative. */
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'redis'; readonly url: string }

/**
 * Reads `memory`, `sqlite:PATH` (also `sqlite://PATH`), `redis://…` and `rediss://…`.
 *
 * @throws TypeError for anything else. The message contains `name` but never the text, which may have a password in it.
 */
export function parseStoreAddress(text: string, name: string): StoreAddress {
  if (text === 'memory') return { kind: 'memory' }
  const path = /^sqlite:(?:\/\/(?!\/))?(.+)$/s.exec(text)?.[1]
  if (path !== undefined) return { kind: 'sqlite', path }
  if (/^rediss?:\/\//.test(text) && URL.canParse(text)) return { kind: 'redis', url: text }
  throw new TypeError(`${name} must be memory, sqlite:PATH or redis://…`)
}
