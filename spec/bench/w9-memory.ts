import { fork } from 'node:child_process'
import { once } from 'node:events'
import { type Answer, bytesOf, chatAnswer, streamAnswer } from './answer.ts'
import { NAMES } from './bed.ts'
import { rowOf } from './compare.ts'
import { openProvider } from './provider.ts'
import { KEEPERS } from './w9-keepers.ts'
import type { Row, Workload } from './workload.ts'

const BASE = 'payload'

/** What answers cost in memory beside their bytes. Each figure is of a process of its own, after garbage collection. */
export const w9: Workload = {
  id: 'W9',
  title: 'memory: heap, external and array buffers after gc',
  async run({ rounds }) {
    const runs = Math.ceil(rounds / 3)
    return [
      ...(await weighAll('10,000 answers of 1.5 kB', chatAnswer(1536), 10_000, 1.7, runs)),
      ...(await weighAll('1,000 streams of 160 kB', streamAnswer(500, 160_000), 1000, 1.06, runs)),
    ]
  },
}

async function weighAll(door: string, answer: Answer, count: number, limit: number, runs: number): Promise<Row[]> {
  const provider = await openProvider({ answer })
  const payload = bytesOf(answer).length * count
  const figures = new Map([[BASE, Array.from({ length: runs }, () => payload)]])
  for (const { name } of KEEPERS) {
    const sizes: number[] = []
    for (let run = 0; run < runs; run++) sizes.push(await weigh(name, provider.origin, count))
    figures.set(name, sizes)
  }
  await provider.close()
  const goals = [{ contestant: NAMES.ours, against: BASE, by: 'ratio', limit }] as const
  return [{ name: BASE }, ...KEEPERS].map((one) => rowOf(one, { door, base: BASE, goals }, figures, 'bytes'))
}

/** Bytes that a process has grown by. */
async function weigh(name: string, origin: string, count: number): Promise<number> {
  const child = fork(new URL('./w9-child.ts', import.meta.url), [name, origin, String(count)], {
    execArgv: ['--expose-gc', '--max-old-space-size=8192'],
  })
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`Weighing ${name} failed with ${code}`)
  })
  const [grown] = await Promise.race([once(child, 'message'), failed])
  child.disconnect()
  await once(child, 'exit')
  return grown
}
