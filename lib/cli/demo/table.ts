import Table from 'cli-table3'
import { styleText } from 'node:util'
import { showSeconds } from '../../base/units.ts'
import type { Measured } from './measure.ts'

/** The first call and its repeats. */
export interface Row {
  readonly label: string
  readonly first: Measured
  readonly repeats: readonly Measured[]
}

const HEAD = ['call', 'status', 'first byte', 'total', 'bytes', 'saved']

/** The table of the demo; without colours where the terminal has none. */
export function renderTable(rows: readonly Row[]): string {
  const table = new Table({
    head: HEAD.map((name) => styleText('bold', name)),
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
    // cli-table3 colours its table whatever NO_COLOR and the terminal say.
    style: { head: [], border: [] },
  })
  // A call and its repeats share a row, so that there is no line between them.
  for (const row of rows)
    table.push(
      HEAD.map((_, column) =>
        lines(row)
          .map((cells) => cells[column])
          .join('\n'),
      ),
    )
  return table.toString()
}

function lines({ label, first, repeats }: Row): string[][] {
  const groups = [...new Set(repeats.map((repeat) => repeat.status))]
  const of = (status: string): Measured[] => repeats.filter((repeat) => repeat.status === status)
  return [
    [
      label,
      paint(first.status),
      showSeconds(first.firstByte / 1000),
      showSeconds(first.total / 1000),
      `${first.body.length}`,
      '',
    ],
    ...groups.map((status) => line(first, status, of(status))),
  ]
}

/** Repeats with the same status in one line, which shows the slowest. */
function line(first: Measured, status: string, repeats: readonly Measured[]): string[] {
  const slowest = (times: readonly number[]): string => showSeconds(Math.max(...times) / 1000)
  return [
    repeats.length > 1 ? `  … the other ${repeats.length}` : '  … again',
    paint(status),
    slowest(repeats.map((repeat) => repeat.firstByte)),
    slowest(repeats.map((repeat) => repeat.total)),
    repeats.every((repeat) => isEqual(first, repeat)) ? styleText('green', 'equal') : styleText('red', 'DIFFERENT'),
    status === 'COALESCED' ? `${repeats.length} calls` : showSeconds(savedBy(first, repeats) / 1000),
  ]
}

/** The line below the table, and whether every repeat had the bytes of its first. */
export function summarize(rows: readonly Row[], note?: string): { text: string; equal: boolean } {
  const pairs = rows.flatMap(({ first, repeats }) => repeats.map((repeat) => [first, repeat] as const))
  const equal = pairs.every(([first, repeat]) => isEqual(first, repeat))
  const time = rows.reduce((sum, { first, repeats }) => sum + savedBy(first, repeats), 0)
  const calls = `${rows.length + pairs.length} calls${note === undefined ? '' : `, ${note}`}`
  return {
    text: equal ? `${calls}; ${showSeconds(time / 1000)} of waiting saved.` : 'Bytes differ: please report this.',
    equal,
  }
}

function isEqual(first: Measured, repeat: Measured): boolean {
  return first.body.equals(repeat.body)
}

/** Milliseconds that hits saved. A caller that joined a running call saved none. */
function savedBy(first: Measured, repeats: readonly Measured[]): number {
  const hits = repeats.filter((repeat) => repeat.status === 'HIT')
  return hits.reduce((sum, hit) => sum + Math.max(0, first.total - hit.total), 0)
}

function paint(status: string): string {
  return styleText(status === 'HIT' ? ['green', 'bold'] : status === 'MISS' ? 'yellow' : 'cyan', status)
}
