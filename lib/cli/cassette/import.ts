import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { changeFile } from '../../cassettes/file.ts'
import { EntryLine, newHeader, writeCassetteText } from '../../cassettes/file-format.ts'
import { importRecording } from '../../cassettes/import/import.ts'
import type { PackageFacts } from '../define.ts'
import { print, tell } from '../output.ts'

interface Flags {
  readonly out: string
  readonly host?: string[]
  readonly also?: string[]
}

/** `cassette import SOURCE --out FILE`: makes a cassette from another tool's recording. */
export function defineImport(command: Command, { version }: PackageFacts): void {
  command
    .name('import')
    .description("a cassette of what undici's SnapshotAgent, VCR.py, VCR (Ruby) or a browser (HAR) has recorded")
    .argument('<source>', 'the recording')
    .requiredOption('--out <file>', 'the cassette; it must not exist yet')
    .option('--host <origins...>', 'origins of local LLM servers')
    .option('--also <origins...>', 'origins whose calls are all imported, LLM calls or not')
    .action(async (source: string, { out, host = [], also = [] }: Flags) => {
      const imported = await importRecording(await readFile(source, 'utf8'), { hosts: host, also, providers: [] })
      const { entries, others, refused } = imported
      const header = newHeader(new Date().toISOString(), version)
      changeFile(out, (text) => {
        if (text !== undefined) throw new Error(`${out} exists already`)
        return writeCassetteText(header, entries.map(EntryLine.of))
      })
      print(`${entries.length} answers in ${out}`)
      if (others > 0) tell(`left out: calls to other hosts (${others}); --also ORIGIN takes them in`)
      for (const { url, secret } of refused) tell(`left out: ${url}: ${secret.path} looks like ${secret.kind}`)
      if (refused.length > 0) process.exitCode = 1
    })
}
