import { readFile } from 'node:fs/promises'

/** A file of the page. */
export interface Asset {
  readonly type: string
  readonly body: string | Uint8Array
}

const TYPES: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
}

/** The page's files by name. */
export async function readAssets(): Promise<ReadonlyMap<string, Asset>> {
  const read = import.meta.url.endsWith('.ts') ? await readSource() : readBuilt
  const names = Object.entries(TYPES)
  return new Map(
    await Promise.all(names.map(async ([name, type]) => [name, { type, body: await read(name) }] as const)),
  )
}

interface Builder {
  buildPage(): Promise<{ readonly code: string }>
}

type Read = (name: string) => Promise<string | Uint8Array>

/** In the package, the build has put the files into `dist/ui`. */
const readBuilt: Read = (name) => readFile(new URL(`ui/${name}`, import.meta.url))

/** In the repository, the page is bundled on demand. The bundler is not part of the package. */
async function readSource(): Promise<Read> {
  const builder = new URL('build-page.ts', import.meta.url).href
  const { buildPage }: Builder = await import(builder)
  const { code } = await buildPage()
  return async (name) => (name === 'page.js' ? code : readFile(new URL(`page/${name}`, import.meta.url)))
}
