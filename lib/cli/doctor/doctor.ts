import { styleText } from 'node:util'
import type { Command } from 'commander'
import { readProcessOptions } from '../../options/process-options.ts'
import { print, printJson } from '../output.ts'
import { checkSdks } from './check-sdks.ts'
import type { Finding, Level } from './finding.ts'
import { checkClock, checkDispatcher, checkNode, checkProxy, checkUndici } from './runtime.ts'

const EXAMPLES = `
Looks at Node, undici, the proxy, the LLM_CACHE_* variables, the store, the clock and the SDKs that are installed in this
folder, and says what to do about what is wrong. It exits 1 where something can not work; a warning leaves it at 0.

Examples:
  undici-llm-cache doctor
  undici-llm-cache doctor --store sqlite:.llm-cache.db
  undici-llm-cache doctor --json | jq '.[] | select(.level != "ok")'
`

/** `doctor`: what would keep calls from being cached here, and what to do about it. */
export function defineDoctor(command: Command): void {
  command
    .option('--json', 'a list of { level, check, text, remedy }')
    .addHelpText('after', EXAMPLES)
    .action(({ json }: { json?: true }) => {
      const findings = examine(process.cwd())
      if (json) printJson(findings)
      else print(render(findings))
      if (findings.some(({ level }) => level === 'fail')) process.exitCode = 1
    })
}

function examine(folder: string): Finding[] {
  return [
    checkNode(process.versions.node),
    checkUndici(folder),
    checkDispatcher(),
    checkProxy(process.env, process.execArgv),
    ...checkVariables(folder),
    checkClock(Date.now()),
    ...checkSdks(folder),
  ]
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
