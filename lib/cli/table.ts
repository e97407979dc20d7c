import Table from 'cli-table3'
import { styleText } from 'node:util'

/** A column of a table. */
export interface Column<Row> {
  readonly head: string
  readonly align?: 'right'
  readonly cell: (row: Row) => string
}

/** A table with a header line and no borders, for people, `grep` and `awk`. */
export function renderColumns<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const table = new Table({
    head: columns.map(({ head }) => styleText('bold', head)),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: BORDERLESS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  })
  for (const row of rows) table.push(columns.map(({ cell }) => cell(row)))
  return table.toString().replaceAll(/ +$/gm, '')
}

const NAMES = ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [
  side,
  ...['mid', 'left', 'right'].map((at) => `${side}-${at}`),
])
const BORDERLESS = Object.fromEntries([...NAMES, 'middle'].map((name) => [name, '']))
