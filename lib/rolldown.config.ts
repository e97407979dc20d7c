import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type InputOptions, type OutputOptions, type Plugin } from 'rolldown'
import { buildPage } from './ui/build-page.ts'

// With one file for each door, an import is three times as fast as with 130 small ones: most of its time is reading and
// linking modules.
const root = new URL('..', import.meta.url).pathname
interface Manifest {
  readonly exports: Record<string, { readonly default?: string }>
  readonly dependencies: Record<string, string>
  readonly peerDependencies: Record<string, string>
}
const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** `dist/stores/sqlite.js` is built from `lib/stores/sqlite.ts`: package.json names the doors. */
const doors = Object.values(manifest.exports).flatMap(
  (door) => /^\.\/dist\/(.*)\.js$/.exec(door.default ?? '')?.[1] ?? [],
)

/**
 * Packages that few apps need, and the app's own, are loaded from node_modules at first use; all others are bundled.
 */
const installed = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies), /^node:/]

const builtPage = buildPage()

/** Writes the licences of bundled packages beside the files. */
const licences: Plugin = {
  name: 'licences',
  async generateBundle(_options, bundle) {
    const folders = new Set<string>()
    const files = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
    for (const id of [...files, ...(await builtPage).modules]) {
      const folder = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]
      if (folder !== undefined) folders.add(folder)
    }
    const texts = await Promise.all([...folders].toSorted().map(licenceOf))
    this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-LICENCES.txt', source: texts.join('\n\n---\n\n') })
  },
}

/**
 * `new URL('./worker.ts', import.meta.url)` names the file of a thread, which becomes a file of its own,
 * `dist/workers/….js`.
 */
const workers: Plugin = {
  name: 'workers',
  async transform(code, id) {
    const [whole, path] = /new URL\('(\.\/[\w-]+\.ts)', import\.meta\.url\)/.exec(code) ?? []
    if (whole === undefined || path === undefined) return undefined
    const file = await this.resolve(path, id)
    if (file === null) throw new Error(`${id} names ${path}, which is not there`)
    const fileName = `workers/${basename(dirname(file.id))}.js`
    const reference = this.emitFile({ type: 'chunk', id: file.id, fileName })
    // On one line, as before: the source map stays right to the line.
    return { code: code.replace(whole, `new URL(import.meta.ROLLUP_FILE_URL_${reference})`), map: null }
  },
}

/**
 * `import` of a built-in module reads all of its exports, and so loads what `fs.promises` or `util.MIMEType` need: 5
 * MiB for the modules that register uses. `process.getBuiltinModule` reads only what is named.
 */
const builtins: Plugin = {
  name: 'builtins',
  renderChunk(code) {
    const statement = /^import (?:\{ ([^}]+) \}|(\w+)) from "(node:[\w/]+)";$/gm
    const asked = code.replaceAll(statement, (_, named: string | undefined, whole: string, module: string) => {
      const names = named === undefined ? whole : `{ ${named.replaceAll(' as ', ': ')} }`
      return `const ${names} = process.getBuiltinModule("${module}");`
    })
    // Line by line as before: the source map stays right.
    return { code: asked, map: null }
  },
}

/**
 * lru-cache reads `performance` when it is loaded, for a `ttl` that is seldom set, which makes Node load 1 MiB. Here it
 * is read when it is used.
 */
const clock: Plugin = {
  name: 'clock',
  transform(code, id) {
    if (!/\/node_modules\/lru-cache\//.test(id)) return undefined
    // On one line, as before: the source map stays right to the line.
    return { code: `const performance = { now: () => globalThis.performance.now() };${code}`, map: null }
  },
}

/** The page of `cache.ui()`: separate files, read on demand. */
const page: Plugin = {
  name: 'page',
  async generateBundle() {
    const source = join(root, 'lib', 'ui', 'page')
    this.emitFile({ type: 'asset', fileName: 'ui/page.js', source: (await builtPage).code })
    for (const name of ['index.html', 'page.css']) {
      this.emitFile({ type: 'asset', fileName: `ui/${name}`, source: await readFile(join(source, name), 'utf8') })
    }
  },
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version }: { name: string; version: string } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  )
  const file = (await readdir(folder)).find((one) => /^licen[cs]e/i.test(one))
  if (file === undefined) throw new Error(`${name} has no licence file`)
  return `${name} ${version}\n\n${await readFile(join(folder, file), 'utf8')}`
}

const config: InputOptions & { readonly output: OutputOptions } = {
  input: Object.fromEntries([...doors, 'cli'].map((door) => [door, join(root, 'lib', `${door}.ts`)])),
  platform: 'node',
  // jsonc-parser's `main` can't be bundled: it asks for its parts by name.
  resolve: { mainFields: ['module', 'main'] },
  external: installed,
  // It creates 1200 strings of spaces when it is loaded, for a formatter that is not used here.
  treeshake: { moduleSideEffects: [{ test: /\/node_modules\/jsonc-parser\//, sideEffects: false }] },
  plugins: [workers, builtins, clock, licences, page],
  output: {
    dir: join(root, 'dist'),
    format: 'esm',
    sourcemap: true,
    // A process keeps the source text of loaded modules, including comments. The source maps have them.
    comments: { legal: true, annotation: false, jsdoc: false },
    chunkFileNames: '[name]-[hash].js',
    cleanDir: true,
  },
}

export default config
