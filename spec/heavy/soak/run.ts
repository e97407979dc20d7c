import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { soak } from './soak.ts'

const { values, positionals } = parseArgs({ options: { seed: { type: 'string' } }, allowPositionals: true })
const minutes = Number(positionals[0] ?? 1)
const seed = Number(values.seed ?? randomInt(2 ** 31))
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('npm run soak -- [minutes] [--seed N]')
  process.exit(2)
}

console.log(`Soaking for ${minutes} min with --seed ${seed}`)
const { calls, problems, stats, bytes } = await soak({
  seed,
  seconds: minutes * 60,
  onProgress: ({ calls, problems }) => console.log(`half way: ${calls} calls, ${problems.length} problems`),
})
console.log({ calls, ...stats, bytes })
for (const problem of problems) console.error(`✗ ${problem}`)
console.log(
  problems.length === 0 ? `✓ ${calls} calls, nothing wrong` : `${problems.length} problems with --seed ${seed}`,
)
process.exitCode = problems.length === 0 ? 0 : 1
