import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'

/** The page's script, and the files that it includes. */
export interface BuiltPage {
  readonly code: string
  readonly modules: readonly string[]
}

/** Bundles the page's script: for the package's build, and when the code runs from source. Not part of the package. */
export async function buildPage(): Promise<BuiltPage> {
  const { output } = await build({
    input: fileURLToPath(new URL('page/main.ts', import.meta.url)),
    platform: 'browser',
    write: false,
    output: { format: 'esm', minify: true },
  })
  const { code, moduleIds: modules } = output[0]
  return { code, modules }
}
