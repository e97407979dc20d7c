import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** `UNDICI=undici7` runs every spec that imports `undici` with undici 7 instead of 8. */
const undici = process.env['UNDICI']

// Workers, and the processes that specs start, keep compiled what they import: register takes half of its time.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url))

/** Specs that leave their process otherwise than they found it, or weigh it. */
const ALONE = [
  'spec/behaviour/unmatched.spec.ts',
  'spec/behaviour/cassettes/import.spec.ts',
  'spec/behaviour/journeys/install.spec.ts',
  // Sets content-length itself. On Node 22 fetch adds its own, and undici 8, once a file before has set it, refuses the two.
  'spec/clients/bedrock.spec.ts',
  'spec/unit/call/keep-compiled.spec.ts', // looks through the whole heap
  'spec/heavy/**/*.spec.ts',
  'spec/recipes/**/*.spec.ts',
]

/** The thread of a SQLite store starts from its built file: that takes half of the time that its sources take. */
const builtWorker: NonNullable<ViteUserConfig['plugins']>[number] = {
  name: 'built-worker',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('/lib/stores/sqlite/writer-thread.ts')) return undefined
    const built = code.replace("new URL('./worker.ts', import.meta.url)", "fromPackage('dist/workers/sqlite.js')")
    if (built === code) throw new Error(`${id} names no worker`)
    return { code: `import { fromPackage } from '/spec/support/package.ts'; ${built}`, map: null }
  },
}

/** What waits for servers and processes begins first; what only computes fills the gaps, also where no earlier run is known. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const waits = ({ moduleId }: TestSpecification): boolean =>
      /\/behaviour\/(stores|sqlite|journeys|cli|cassettes|ui)\//.test(moduleId)
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))]
  }
}

const config: ViteUserConfig = defineConfig({
  plugins: [builtWorker],
  resolve: { alias: undici ? [{ find: /^undici$/, replacement: undici }] : [] },
  test: {
    root: new URL('..', import.meta.url).pathname,
    globalSetup: ['spec/support/build.ts'],
    // Processes, not threads: specs set the global dispatcher, and msw patches net.
    pool: 'forks',
    // Many specs wait for a process, a server or a pause.
    maxWorkers: availableParallelism() * 3,
    sequence: { sequencer: WaitingFirst },
    // Bounds for a hang, not for a pace: CI has two cores.
    testTimeout: 60_000,
    expect: { poll: { timeout: 20_000, interval: 10 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['spec/**/*.spec.ts'],
          exclude: ALONE,
          // A process runs file after file: half a second a file less. `tidy.ts` looks that each leaves it as it was.
          isolate: false,
          setupFiles: ['spec/support/tidy.ts'],
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE } },
    ],
  },
})

export default config
