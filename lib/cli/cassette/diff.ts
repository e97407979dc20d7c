import { styleText } from 'node:util'
import type { Command } from 'commander'
import { type Change, compareCassettes, type Comparison, type Severity } from '../../cassettes/compare.ts'
import { nameOf } from '../../cassettes/entry.ts'
import { print, printJson } from '../output.ts'
import { readCassette } from './read.ts'

/** `cassette diff OLD NEW`: how two recordings of the same calls differ, worst first. */
export function defineDiff(command: Command): void {
  command
    .name('diff')
    .description('how two recordings differ, most serious first: status, tool calls, text')
    .argument('<old>', 'the cassette before')
    .argument('<new>', 'the cassette after')
    .option('--json', '{ same, changes: [{ severity, name, path, before, after }] }')
    .addHelpText(
      'after',
      '\nIds, times and volatile headers do not count. Exit codes: 0 the same, 1 they differ, 2 wrong usage.\n',
    )
    .action(async (old: string, now: string, { json }: { json?: true }) => {
      const comparison = await compareCassettes((await readCassette(old)).lines, (await readCassette(now)).lines)
      if (json) printJson(comparison)
      else print(render(comparison))
      if (comparison.changes.length > 0) process.exitCode = 1
    })
}

const COLOURS: Readonly<Record<Severity, 'red' | 'yellow' | 'green' | 'dim'>> = {
  missing: 'red',
  new: 'green',
  status: 'red',
  'tool calls': 'red',
  text: 'yellow',
  other: 'dim',
}

function render({ changes, same }: Comparison): string {
  const lines = changes.map(
    (change) => `${styleText(COLOURS[change.severity], change.severity.padEnd(10))} ${told(change)}`,
  )
  const sum =
    changes.length === 0 ? 'no difference' : `${changes.length} ${changes.length === 1 ? 'difference' : 'differences'}`
  return [...lines, `${sum}; ${same} ${same === 1 ? 'entry is' : 'entries are'} the same`].join('\n')
}

function told({ severity, name, path, before, after }: Change): string {
  if (severity === 'missing') return `${nameOf(name)} is only in the old recording`
  if (severity === 'new') return `${nameOf(name)} is only in the new recording`
  const at = firstDifference(before, after)
  return `${nameOf(name)} ${path}\n             - ${excerpt(before, at)}\n             + ${excerpt(after, at)}`
}

/** Characters that are shown before and after the place where two texts start to differ. */
const BEFORE = 20
const SHOWN = 80

function excerpt(text: string, at: number): string {
  const start = at > BEFORE ? at - BEFORE : 0
  const shown = text.slice(start, start + SHOWN)
  return JSON.stringify(`${start > 0 ? '…' : ''}${shown}${start + SHOWN < text.length ? '…' : ''}`)
}

function firstDifference(left: string, right: string): number {
  let at = 0
  while (at < left.length && left[at] === right[at]) at++
  return at
}
