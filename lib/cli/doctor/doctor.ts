import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { styleText } from 'node:util'
import type { Command } from 'commander'
import { readEnvironment } from '../../options/environment.ts'
import { readProcessOptions } from '../../options/process-options.ts'
import type { PackageFacts } from '../define.ts'
import { addStoreOption, type StoreFlags, type StoreUse, withStore } from '../open-cache.ts'
import { print, printJson } from '../output.ts'
import { checkSdks } from './check-sdks.ts'
import { checkStore, type StoreFindings } from './check-store.ts'
import type { Finding, Level } from './finding.ts'
import { checkClock, checkDispatcher, checkNode, checkProxy, checkUndici } from './runtime.ts'

const EXAMPLES = `
Checks Node, undici, the proxy, the LLM_CACHE_* variables, the store, the clock and the SDKs installed in this folder, and says
how to fix problems. With --requests it also checks the requests of a batch file for what keeps the provider's own prompt cache
from being used; lines may include their headers and response. Exits with 1 if something can't work, but not for a warning.

Examples:
  undici-llm-cache doctor
  undici-llm-cache doctor --store sqlite:.llm-cache.db
  undici-llm-cache doctor --requests batch.jsonl
  undici-llm-cache doctor --json | jq '.[] | select(.level != "ok")'
`

interface Flags extends StoreFlags {
  readonly json?: true
  readonly requests?: string
}

/** `doctor`: reports what would keep calls from being cached here, and what to do about it. */
export function defineDoctor(command: Command, facts: PackageFacts): void {
  addStoreOption(command)
    .option('--requests <file>', 'requests, one a line, as warm takes them')
    .option('--json', 'a list of { level, check, text, remedy }')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: Flags) => {
      const findings = await examine(process.cwd(), { command, flags, facts }, flags.requests)
      if (flags.json) printJson(findings)
      else print(render(findings))
      if (findings.some(({ level }) => level === 'fail')) process.exitCode = 1
    })
}

async function examine(folder: string, use: StoreUse, requests: string | undefined): Promise<Finding[]> {
  const { findings, newest, serverTime } = await findStore(folder, use)
  return [
    checkNode(process.versions.node),
    checkUndici(folder),
    checkDispatcher(),
    checkProxy(process.env, process.execArgv),
    ...checkVariables(folder),
    ...findings,
    checkClock(Date.now(), newest, serverTime),
    ...checkSdks(folder),
    ...(requests === undefined ? [] : await findInRequests(folder, requests)),
  ]
}

/** Loaded on demand, since it needs the table of providers. */
async function findInRequests(folder: string, file: string): Promise<Finding[]> {
  const { checkRequests } = await import('./check-requests.ts')
  const { options } = readProcessOptions(process.env, folder)
  return checkRequests(resolve(folder, file), options.providers ?? [])
}

/** Checks the store. A store that is not named, or does not exist yet, is no fault. */
async function findStore(folder: string, use: StoreUse): Promise<StoreFindings> {
  const without = (finding: Finding): StoreFindings => ({
    findings: [finding],
    newest: undefined,
    serverTime: undefined,
  })
  const check = 'store'
  const named = use.flags.store ?? process.env['LLM_CACHE_STORE'] ?? ''
  const { store } = readEnvironment({ LLM_CACHE_STORE: named })
  // A wrong LLM_CACHE_STORE is reported by `checkVariables`.
  const isMemory = use.flags.store === undefined && (store === undefined || store.kind === 'memory')
  if (isMemory) return without({ level: 'ok', check, text: 'memory alone: answers live as long as the process' })
  if (store?.kind === 'sqlite' && !existsSync(resolve(folder, store.path))) {
    return without({ level: 'note', check, text: 'sqlite: the file is not there yet; the first answer makes it' })
  }
  try {
    return await withStore(use, checkStore)
  } catch (error) {
    if (error instanceof TypeError) return without({ level: 'fail', check, text: error.message })
    throw error
  }
}

function checkVariables(folder: string): Finding[] {
  const { problems, enabled } = readProcessOptions(process.env, folder)
  const check = 'variables'
  if (problems.length > 0) return problems.map((text) => ({ level: 'fail', check, text }))
  const names = Object.keys(process.env).filter((name) => /^LLM_CACHE(_|$)/.test(name))
  if (!enabled) return [{ level: 'warn', check, text: 'LLM_CACHE=off: nothing is cached' }]
  return [{ level: 'ok', check, text: names.length === 0 ? 'none set: the defaults hold' : names.join(', ') }]
}

const MARKS: Readonly<Record<Level, string>> = { ok: '✓', note: '·', warn: '!', fail: '✗' }
const COLOURS = { ok: 'green', note: 'cyan', warn: 'yellow', fail: 'red' } as const

function render(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.map(({ level, check, text, remedy }) => {
    const told = `${styleText(COLOURS[level], MARKS[level])} ${check.padEnd(width)}  ${text}`
    return remedy === undefined ? told : `${told}\n${' '.repeat(width + 4)}→ ${remedy}`
  })
  return lines.join('\n')
}
