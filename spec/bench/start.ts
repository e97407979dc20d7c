import { execFileSync } from 'node:child_process'
import { rowOf } from './compare.ts'
import type { Row, Workload } from './workload.ts'

const BASE = 'bare Node'
const dist = new URL('../../dist/', import.meta.url).href

const CONTESTANTS = [
  { name: BASE, args: ['--input-type=module', '--eval', '0'] },
  { name: "import 'undici'", args: ['--input-type=module', '--eval', "import 'undici'"] },
  { name: "import 'undici-llm-cache'", args: ['--input-type=module', '--eval', `import '${dist}index.js'`] },
  { name: '--import undici-llm-cache/register', args: ['--import', `${dist}register.js`, '--eval', '0'] },
]

/** What it costs a process to start with the cache, as it is built and packed: milliseconds, and memory at its exit. */
export const start: Workload = {
  id: 'START',
  title: 'start of a process (the built package: npm run build first)',
  async run({ rounds }) {
    return [...rowsOf('until exit', 'ms', elapsed, rounds), ...rowsOf('memory at exit', 'bytes', memory, rounds)]
  },
}

function rowsOf(door: string, unit: 'ms' | 'bytes', measure: (args: string[]) => number, rounds: number): Row[] {
  const figures = new Map(CONTESTANTS.map(({ name }) => [name, [] as number[]]))
  for (let round = 0; round <= rounds; round++) {
    for (const { name, args } of CONTESTANTS) {
      const figure = measure(args)
      // The first round fills the system's caches.
      if (round > 0) figures.get(name)?.push(figure)
    }
  }
  const limits = unit === 'ms' ? { import: 40, register: 60 } : { import: Infinity, register: 12 * 1024 * 1024 }
  const goals = [
    { contestant: '--import undici-llm-cache/register', against: BASE, by: 'above', limit: limits.register },
    ...(unit === 'ms'
      ? [{ contestant: "import 'undici-llm-cache'", against: BASE, by: 'above', limit: limits.import } as const]
      : []),
  ] as const
  return CONTESTANTS.map((one) => rowOf(one, { door, base: BASE, goals }, figures, unit))
}

function elapsed(args: string[]): number {
  const from = performance.now()
  execFileSync(process.execPath, args)
  return performance.now() - from
}

/** What the process holds when it ends, in bytes. Its `maxRSS` would be that of the process that starts it, if that is larger. */
function memory(args: string[]): number {
  const code = args.at(-1) ?? ''
  const report = "process.on('exit', () => console.log(process.memoryUsage.rss()))"
  return Number(execFileSync(process.execPath, [...args.slice(0, -1), `${code};${report}`], { encoding: 'utf8' }))
}
