import Table from 'cli-table3'
import { styleText } from 'node:util'
import type { Command } from 'commander'
import { isObject } from '../../base/json.ts'
import type { CassetteEntry } from '../../cassettes/entry.ts'
import { print, printJson } from '../output.ts'
import { readCassette } from './read.ts'

/** `cassette ls FILE`: lists the entries of a cassette, one a line. */
export function defineList(command: Command): void {
  command
    .name('ls')
    .description('the entries of a cassette, one on each line')
    .argument('<file>', 'the cassette')
    .option('--json', 'a list of { key, ordinal, status, model, method, url, recordedAt, size }')
    .action(async (file: string, { json }: { json?: true }) => {
      const { lines } = await readCassette(file)
      const rows = lines.map((line) => rowOf(line.read(), line.text.length))
      if (json) printJson(rows)
      else print(render(rows))
    })
}

interface Row {
  readonly key: string
  readonly ordinal: number
  readonly status: number
  readonly model: string
  readonly method: string
  readonly url: string
  readonly recordedAt: string
  /** Characters that are shown. */
  readonly size: number
}

function rowOf({ key, ordinal, method, url, recordedAt, request, response }: CassetteEntry, size: number): Row {
  const model = isObject(request.json) ? request.json['model'] : undefined
  return {
    key,
    ordinal,
    status: response.status,
    model: typeof model === 'string' ? model : '',
    method,
    url,
    recordedAt,
    size,
  }
}

const HEAD = ['key', 'n', 'status', 'model', 'call', 'recorded', 'size']

function render(rows: readonly Row[]): string {
  const table = new Table({
    head: HEAD.map((name) => styleText('bold', name)),
    colAligns: ['left', 'right', 'right', 'left', 'left', 'left', 'right'],
    style: { head: [], border: [] },
  })
  for (const { key, ordinal, status, model, method, url, recordedAt, size } of rows) {
    table.push([key, ordinal, status, model, `${method} ${url}`, recordedAt.slice(0, 10), size])
  }
  return table.toString()
}
