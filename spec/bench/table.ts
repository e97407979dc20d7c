import Table from 'cli-table3'
import type { Outcome, Row, Workload } from './workload.ts'

/** A workload's rows as a table for the terminal. */
export function drawTable({ id, title }: Pick<Workload, 'id' | 'title'>, rows: readonly Row[]): string {
  const table = new Table({
    head: ['door', 'contestant', 'median', 'min … max', '× base', 'goal'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  })
  let last = ''
  for (const { door, contestant, median, rounds, unit, ratio, outcomes } of rows) {
    const ratioText = ratio === undefined ? '' : digits(ratio)
    const goals = outcomes.map(describe).join('\n')
    table.push([door === last ? '' : door, contestant, show(median, unit), spread(rounds, unit), ratioText, goals])
    last = door
  }
  const base = [...new Set(rows.flatMap(({ base }) => base ?? []))].join(', ')
  const notes = new Map(rows.flatMap(({ contestant, note }) => (note === undefined ? [] : [[contestant, note]])))
  const lines = [...notes].map(([contestant, note]) => `  ${contestant}: ${note}`)
  return [`${id}  ${title}${base && `  (base: ${base})`}`, table.toString(), ...lines].join('\n')
}

/** How many goals there are, and how many are met. */
export function sumUp(rows: readonly Row[]): string {
  const outcomes = rows.flatMap((row) => row.outcomes)
  return `${outcomes.filter(({ met }) => met).length} of ${outcomes.length} goals met`
}

function describe({ against, by, limit, reached, met }: Outcome): string {
  const sign = met ? '✓' : '✗'
  if (by === 'count') return `${sign} ${digits(reached)}, goal ${limit}`
  const name = by === 'ratio' ? '×' : 'above'
  return `${sign} ${digits(reached)} ${name} ${against}, goal ≤ ${limit}`
}

function show(value: number, unit: Row['unit']): string {
  return `${scale(value, unit)} ${unit === 'bytes' ? 'MB' : unit}`
}

/** Of the rounds; in the unit of the median beside it. */
function spread(rounds: readonly number[], unit: Row['unit']): string {
  if (rounds.length < 2) return ''
  return `${scale(Math.min(...rounds), unit)} … ${scale(Math.max(...rounds), unit)}`
}

function scale(value: number, unit: Row['unit']): string {
  return unit === 'bytes' ? (value / 1e6).toFixed(2) : digits(value)
}

function digits(value: number): string {
  if (Math.abs(value) >= 100) return value.toFixed(0)
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2)
}
