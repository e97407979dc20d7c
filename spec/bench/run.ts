import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import undici from 'undici/package.json' with { type: 'json' }
import { cassette } from './cassette.ts'
import { drawTable, sumUp } from './table.ts'
import { w1, w2 } from './w1-hit.ts'
import { w10 } from './w10-lookup.ts'
import { w11 } from './w11-flight.ts'
import { w12 } from './w12-rewrite.ts'
import { w13 } from './w13-tiers.ts'
import { w14 } from './w14-sqlite.ts'
import { w15 } from './w15-redis.ts'
import { w16 } from './w16-semantic.ts'
import { w3, w4 } from './w3-body.ts'
import { w5 } from './w5-stream.ts'
import { w6 } from './w6-answer.ts'
import { w7 } from './w7-miss.ts'
import { w8 } from './w8-untouched.ts'
import { w9 } from './w9-memory.ts'
import { eventLoop } from './event-loop.ts'
import { start } from './start.ts'
import type { Row } from './workload.ts'

const USAGE = `npm run bench -- [--only W1,W5] [--quick] [--json FILE]

  --only   workloads, by comma: W1 … W16, EL (event loop), START, CASSETTE; default all
  --quick  fewer and shorter rounds: to see that it runs, not to quote
  --json   where the figures go; default spec/bench/results.json for a whole run that is not quick, else nowhere`

const RESULTS = join(import.meta.dirname, 'results.json')
const WORKLOADS = [w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11, w12, w13, w14, w15, w16, eventLoop, start, cassette]

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const ids = values.only?.toUpperCase().split(',') ?? WORKLOADS.map(({ id }) => id)
const unknown = ids.filter((id) => WORKLOADS.every((workload) => workload.id !== id))
const isWhole = !values.quick && WORKLOADS.every(({ id }) => ids.includes(id))

if (values.help) console.log(USAGE)
else if (unknown.length > 0) refuse(`There is no workload ${unknown.join(', ')}`)
else await main(ids, values.quick, values.json ?? (isWhole ? RESULTS : undefined))

function refuse(reason: string): void {
  console.error(`${reason}\n\n${USAGE}`)
  process.exitCode = 2
}

async function main(only: readonly string[], isQuick: boolean, file: string | undefined): Promise<void> {
  const chosen = WORKLOADS.filter(({ id }) => only.includes(id))
  const pace = isQuick ? { rounds: 3, warmUp: 1, turn: 50 } : { rounds: 9, warmUp: 5, turn: 300 }
  const machine = { cpu: cpus()[0]?.model.trim(), cores: cpus().length, node: process.version, undici: undici.version }
  console.log(`${machine.cpu}, ${machine.cores} cores; Node ${machine.node}, undici ${machine.undici}\n`)
  const rows: ({ readonly workload: string } & Row)[] = []
  for (const workload of chosen) {
    const own = await workload.run(pace)
    console.log(`${drawTable(workload, own)}\n`)
    rows.push(...own.map((row) => ({ workload: workload.id, ...row })))
  }
  const figures = { at: new Date().toISOString(), machine, pace, rows }
  if (file !== undefined) await writeFile(file, `${JSON.stringify(figures, null, 2)}\n`)
  console.log(sumUp(rows) + (file === undefined ? '' : `; figures in ${file}`))
}
