import { open } from 'node:fs/promises'
import { type Command, InvalidArgumentError } from 'commander'
import { showCount, showNumberOf } from '../../base/units.ts'
import { bestStep, sampleFor, type Step, stepsOf } from '../../semantic/calibration.ts'
import { parseCount } from '../filter-options.ts'
import { print, printJson, tell } from '../output.ts'
import { type Column, renderColumns } from '../table.ts'
import { measurePairs } from './embed-pairs.ts'
import { type EmbedderFlags, embedderOf } from './embedder-of.ts'
import { type Pair, readPairs } from './pairs-file.ts'

const EXAMPLES = `
Finds the threshold of the option semantic for an embedder: the one that finds the most pairs while at most the share
--max-false of its matches is wrong. Each line is a pair as JSON; "same" says whether the answer to one is right for the other:

  {"a":"How do I reset my password?","b":"How can I reset my password?","same":true}
  {"a":"How do I reset my password?","b":"How do I change my user name?","same":false}

Use pairs from your own users, most of them near misses. The interval shows what a sample of this size can prove. The module is
a file or a package that exports embed, and optionally id. For the API key, name the variable that has it.

Examples:
  undici-llm-cache calibrate pairs.jsonl --base-url https://api.openai.com/v1 --model text-embedding-3-small --credential-env OPENAI_API_KEY
  undici-llm-cache calibrate pairs.jsonl --base-url http://localhost:11434/v1 --model nomic-embed-text --max-false 0.5%
  undici-llm-cache calibrate pairs.jsonl --embedder ./embedder.mjs --json | jq .threshold

Exit codes: 0 done, 1 no threshold is good enough, or something failed, 2 wrong usage.
`

interface Flags extends EmbedderFlags {
  readonly maxFalse: number
  readonly guard: boolean
  readonly json?: true
}

/** `calibrate PAIRS.jsonl`: the threshold for an embedder. */
export function defineCalibrate(command: Command): void {
  command
    .argument('<file>', 'pairs, one a line')
    .option('--max-false <share>', 'how many of the matches may be wrong: 1%, 0.01', parseShare, 0.01)
    .option('--embedder <module>', 'a module that exports embed and id')
    .option('--base-url <url>', 'of an OpenAI-compatible server, as an SDK has it')
    .option('--model <name>', 'the model of that server')
    .option('--dimensions <count>', 'numbers in a vector', parseCount)
    .option('--credential-env <name>', 'the variable that holds the API key of that server')
    .option('--no-guard', 'by the vectors alone, as with guard: false')
    .option(
      '--json',
      '{ embedder, guard, maxFalse, pairs, same, threshold, found, wrong, wrongShare, interval, steps }',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: Flags) => {
      const { embed, id } = await embedderOf(command, flags)
      // Throws the system's own error if it can't be read.
      await (await open(file)).close()
      const pairs = await readPairs(file)
      const steps = stepsOf(await measurePairs(pairs, embed, flags.guard))
      const best = bestStep(steps, flags.maxFalse)
      if (flags.json) printJson(figures({ id, pairs, steps, best, flags }))
      else report({ id, pairs, steps, best, flags })
      if (best === undefined) process.exitCode = 1
    })
}

function parseShare(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text) ?? []
  const share = Number(number) / (percent === '%' ? 100 : 1)
  if (share >= 0 && share < 1) return share
  throw new InvalidArgumentError('It must be a share below 1, such as 1% or 0.01.')
}

interface Result {
  readonly id: string
  readonly pairs: readonly Pair[]
  readonly steps: readonly Step[]
  readonly best: Step | undefined
  readonly flags: Flags
}

function figures({ id, pairs, steps, best, flags: { guard, maxFalse } }: Result): object {
  const same = sameOf(pairs)
  return { embedder: id, guard, maxFalse, pairs: pairs.length, same, threshold: null, ...best, steps: shown(steps) }
}

function report({ id, pairs, steps, best, flags: { guard, maxFalse } }: Result): void {
  const same = sameOf(pairs)
  tell(
    `${showNumberOf(pairs.length, 'pair')}, ${showCount(same)} of them the same; ${id}${guard ? '' : ', no guard'}\n`,
  )
  print(renderColumns(shown(steps).filter(isOther), columns(same)))
  if (best === undefined) return tell(`\nno threshold will do: with each, more than ${percent(maxFalse)} are wrong`)
  const found = `finds ${showCount(best.found)} of ${showCount(same)}, ${showCount(best.wrong)} wrong`
  print(`\nthreshold ${best.threshold}: ${found}, ${percent(best.wrongShare)} (95 % interval ${span(best)})`)
  if (best.interval[1] <= maxFalse || maxFalse === 0) return
  tell(`to be sure of ${percent(maxFalse)} takes ${showCount(sampleFor(maxFalse))} matches without a wrong one`)
}

function sameOf(pairs: readonly Pair[]): number {
  return pairs.filter(({ same }) => same).length
}

/** Some of the rows, so that they fit on a screen. */
function shown(steps: readonly Step[]): readonly Step[] {
  return steps.filter(({ threshold }) => Math.round(threshold * 1000) % 25 === 0)
}

/** Whether a row's figures differ from those of the row before. */
function isOther({ found, wrong }: Step, at: number, steps: readonly Step[]): boolean {
  const before = steps[at - 1]
  return found !== before?.found || wrong !== before.wrong
}

function columns(same: number): Column<Step>[] {
  return [
    { head: 'THRESHOLD', cell: ({ threshold }) => threshold.toFixed(3) },
    { head: 'FOUND', align: 'right', cell: ({ found }) => showCount(found) },
    { head: 'OF THE SAME', align: 'right', cell: ({ found }) => (same === 0 ? '-' : percent(found / same)) },
    { head: 'WRONG', align: 'right', cell: ({ wrong }) => showCount(wrong) },
    { head: 'OF MATCHES', align: 'right', cell: ({ wrongShare }) => percent(wrongShare) },
    { head: '95 % INTERVAL', align: 'right', cell: span },
  ]
}

function span({ interval: [from, to] }: Step): string {
  return `${percent(from)} … ${percent(to)}`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
