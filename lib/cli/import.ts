import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Command } from 'commander'
import { showCount } from '../base/units.ts'
import type { PackageFacts } from './define.ts'
import { addStoreOption, type StoreFlags, withStore } from './open-cache.ts'
import { print, printJson, tell } from './output.ts'

const EXAMPLES = `
Takes in what export has written. A line that can not be taken is left out and named; unless it has only expired, the exit
code is 1. A SQLite file that is missing is made.

Examples:
  undici-llm-cache import warm.jsonl --store sqlite:.llm-cache.db
  gunzip -c docs.jsonl.gz | undici-llm-cache import - --store redis://localhost:6379
`

/** `import FILE`: takes in an export. */
export function defineImport(command: Command, facts: PackageFacts): void {
  addStoreOption(command)
    .argument('<file>', 'what export has written; - for stdin')
    .option('--json', '{ imported, skipped: [{ line, reason }] }')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: StoreFlags & { readonly json?: true }) => {
      // Checked before a store is created for nothing.
      if (file !== '-') await (await open(file)).close()
      await withStore({ command, flags, facts, mayMake: true }, async ({ cache }) => {
        const source = file === '-' ? process.stdin : createReadStream(file)
        const result = await cache.import(source)
        await cache.flush()
        if (flags.json) printJson(result)
        else print(`${showCount(result.imported)} imported, ${showCount(result.skipped.length)} left out`)
        for (const { line, reason } of flags.json ? [] : result.skipped) tell(`line ${line}: ${reason}`)
        if (result.skipped.some(({ reason }) => reason !== 'expired')) process.exitCode = 1
      })
    })
}
