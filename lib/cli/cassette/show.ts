import type { Command } from 'commander'
import { type CassetteEntry, type CassetteResponse, nameOf, type RecordedBody } from '../../cassettes/entry.ts'
import { streamedTexts } from '../../cassettes/streamed-text.ts'
import { print, printJson } from '../output.ts'
import { readCassette } from './read.ts'

/** `cassette show FILE KEY`: shows one call and its answers. */
export function defineShow(command: Command): void {
  command
    .name('show')
    .description('one call and its answers')
    .argument('<file>', 'the cassette')
    .argument('<key>', 'the key, or its beginning')
    .option('--json', 'the entries as in the file')
    .action(async (file: string, key: string, { json }: { json?: true }) => {
      const { lines } = await readCassette(file)
      const found = lines.filter((line) => line.key.startsWith(key))
      if (found.length === 0) throw new Error(`${file} has no entry whose key begins with ${key}`)
      const entries = found.map((line) => line.read())
      if (json) printJson(entries)
      else print(entries.map(render).join('\n\n'))
    })
}

function render(entry: CassetteEntry): string {
  const { recordedAt, request, response } = entry
  const { status, headers } = response
  return [
    nameOf(entry),
    `recorded ${recordedAt}`,
    ...headerLines(request.headers),
    '',
    bodyText(request),
    '',
    `status ${status}`,
    ...headerLines(headers),
    '',
    ...answerText(response),
  ].join('\n')
}

function headerLines(headers: Readonly<Record<string, string | string[]>>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`)
}

function bodyText({ json, text, base64 }: RecordedBody): string {
  if (json !== undefined) return JSON.stringify(json, undefined, 2)
  return text ?? (base64 === undefined ? '(no body)' : `(${Buffer.from(base64, 'base64').length} bytes)`)
}

/** The text of a stream. Its events are in the file. */
function answerText(response: CassetteResponse): string[] {
  const parts = response.events ?? response.lines ?? response.chunks
  if (parts === undefined) return [bodyText(response)]
  const texts = streamedTexts(response).filter(({ pieces }) => new Set(pieces.map(({ text }) => text)).size > 1)
  const told = texts.map(({ path, pieces }) => `${path}: ${pieces.map(({ text }) => text).join('')}`)
  return [`a stream of ${parts.length} parts`, ...told]
}
