import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CassetteEntry } from '../../lib/cassette.ts'
import { EntryLine, newHeader, writeCassetteText } from '../../lib/cassettes/file-format.ts'
import { createKeys, shortKey } from '../../lib/cassettes/keys.ts'
import { createCassetteScope } from '../../lib/cassettes/scope.ts'
import { rowOf } from './compare.ts'
import type { Row, Workload } from './workload.ts'

const BASE = 'reading its text alone'
const ENTRIES = 1_000
const door = new URL('../../dist/cassette.js', import.meta.url).href
const ask = (at: number): string =>
  JSON.stringify({ model: 'gpt-5.1', messages: [{ role: 'user', content: `${at} ${'Why is that so? '.repeat(100)}` }] })

/** What is measured inside of a process that has just started; each prints its milliseconds. */
const CONTESTANTS = [
  {
    name: BASE,
    code: "const { readFileSync } = await import('node:fs'); begin(); readFileSync(path, 'utf8').split('\\n')",
  },
  { name: 'openCassette', code: 'begin(); await openCassette(path)' },
  {
    name: 'openCassette and the first answer',
    code: `begin(); (await openCassette(path)).install()
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', headers, body: ${JSON.stringify(ask(7))} })
      if (answer.status !== 200) throw new Error(await answer.text())
      await answer.text()`,
  },
]

/** What it costs a test to open a cassette with 1,000 entries, 6 MB, in a process that has just started. */
export const cassette: Workload = {
  id: 'CASSETTE',
  title: 'opening a cassette of 1,000 entries (the built package: npm run build first)',
  async run({ rounds }) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'))
    try {
      const path = join(folder, 'answers.jsonl')
      writeFileSync(path, await cassetteText())
      return rowsOf(path, rounds)
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

function rowsOf(path: string, rounds: number): Row[] {
  const figures = new Map(CONTESTANTS.map(({ name }) => [name, [] as number[]]))
  for (let round = 0; round <= rounds; round++) {
    for (const { name, code } of CONTESTANTS) {
      const figure = elapsed(code, path)
      // The first round fills the system's caches.
      if (round > 0) figures.get(name)?.push(figure)
    }
  }
  const goals = [{ contestant: 'openCassette', against: BASE, by: 'count', limit: 200 }] as const
  return CONTESTANTS.map((one) => rowOf(one, { door: 'in a new process', base: BASE, goals }, figures, 'ms'))
}

function elapsed(code: string, path: string): number {
  const script = `const { openCassette } = await import('${door}')
    const path = ${JSON.stringify(path)}
    let from
    const begin = () => { from = performance.now() }
    ${code}
    console.log(performance.now() - from)`
  const env = { PATH: process.env['PATH'], LLM_CACHE_CASSETTE_MODE: 'none' }
  return Number(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', env }))
}

async function cassetteText(): Promise<string> {
  const scope = createCassetteScope({ hosts: [], providers: [], also: [] })
  const keys = createKeys(scope, { ignoreFields: [], ignoreHeaders: [] })
  const recordedAt = new Date().toISOString()
  const lines: EntryLine[] = []
  for (let at = 0; at < ENTRIES; at++) {
    const call = {
      method: 'POST',
      url: 'https://api.openai.com/v1/chat/completions',
      request: { headers: { 'content-type': 'application/json' }, json: JSON.parse(ask(at)) },
    }
    const key = shortKey(await keys.of(call))
    lines.push(EntryLine.of({ ...call, key, ordinal: 0, recordedAt, response: ANSWER }))
  }
  return writeCassetteText(newHeader(recordedAt, '0'), lines)
}

const ANSWER: CassetteEntry['response'] = {
  status: 200,
  headers: { 'content-type': 'application/json' },
  json: { choices: [{ index: 0, message: { content: 'It is so. '.repeat(400) }, finish_reason: 'stop' }] },
}
