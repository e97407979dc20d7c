import { styleText } from 'node:util'
import type { Command } from 'commander'
import { createLlmCache } from '../../cache.ts'
import { CROWD, LIVE_CALLS, LOOPBACK_CALLS, type DemoCall } from './calls.ts'
import { measure, type Measured } from './measure.ts'
import { FIRST_TOKEN_MS, openDemoProvider, TOKENS_PER_SECOND } from './provider.ts'
import { renderTable, summarize, type Row } from './table.ts'

const CALLERS = 20

const EXAMPLES = `
A provider on this machine answers as slowly as a hosted model; it needs no key, and nothing leaves the machine.

Examples:
  undici-llm-cache demo
  OPENAI_API_KEY=… undici-llm-cache demo --live
`

/**
 * `demo`: makes each call twice, then 20 calls at once, and prints a table. Fails if an answer differs from the
 * provider's bytes.
 */
export function defineDemo(command: Command): void {
  command
    .option('--live', 'call api.openai.com with tiny prompts (needs OPENAI_API_KEY)')
    .addHelpText('after', EXAMPLES)
    .action(async ({ live: isLive }: { live?: true }) => {
      const key = process.env['OPENAI_API_KEY']
      if (isLive && !key) command.error('demo --live calls api.openai.com: set OPENAI_API_KEY, or leave out --live')
      process.exitCode = isLive && key ? await live(key) : await loopback()
    })
}

async function loopback(): Promise<number> {
  const provider = await openDemoProvider()
  print(
    `A provider on this machine: first token after ${FIRST_TOKEN_MS} ms, then ${TOKENS_PER_SECOND} tokens a second.`,
  )
  try {
    const rows = await runAll(provider.origin, 'demo-key', LOOPBACK_CALLS, CROWD)
    return report(rows, `${provider.calls()} of them reached the provider`)
  } finally {
    await provider.close()
  }
}

async function live(key: string): Promise<number> {
  print('api.openai.com, with tiny prompts.')
  return report(await runAll('https://api.openai.com', key, LIVE_CALLS))
}

async function runAll(origin: string, key: string, calls: readonly DemoCall[], crowd?: DemoCall): Promise<Row[]> {
  const cache = createLlmCache(origin.startsWith('http:') ? { hosts: [origin] } : {})
  const uninstall = cache.install()
  const rows: Row[] = []
  try {
    for (const call of calls) rows.push(await twice(origin, key, call))
    if (crowd !== undefined) rows.push(await atOnce(origin, key, crowd))
    return rows
  } finally {
    uninstall()
    await cache.close()
  }
}

async function twice(origin: string, key: string, call: DemoCall): Promise<Row> {
  progress(call.label)
  const first = await measure(origin, key, call)
  return { label: call.label, first, repeats: [await measure(origin, key, call)] }
}

async function atOnce(origin: string, key: string, call: DemoCall): Promise<Row> {
  const label = `${CALLERS} callers at once`
  progress(label)
  const all = await Promise.all(Array.from({ length: CALLERS }, () => measure(origin, key, call)))
  const [first, ...repeats] = all.toSorted(byStatus)
  if (first === undefined) throw new RangeError('no caller')
  return { label, first, repeats }
}

/** Sorts the caller whose call was sent first. */
function byStatus(a: Measured, b: Measured): number {
  return Number(b.status === 'MISS') - Number(a.status === 'MISS')
}

function report(rows: readonly Row[], note?: string): number {
  progress('')
  print(`\n${renderTable(rows)}\n`)
  const { text, equal } = summarize(rows, note)
  print(equal ? text : styleText('red', text))
  return equal ? 0 : 1
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Shows the current call, on a line that the next one overwrites. Silent without a terminal. */
function progress(label: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${label && `calling: ${label} …`}`)
}
