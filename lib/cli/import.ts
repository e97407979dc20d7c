import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import type { Command } from 'commander'
import { showCount } from '../base/units.ts'
import type { PackageFacts } from './define.ts'
import { addStoreOption, type StoreFlags, withStore } from './open-cache.ts'
import { print, printJson, tell } from './output.ts'

const EXAMPLES = `
Reads what export has written. Lines that can't be imported are skipped and listed; unless they have only expired, the exit code
is 1. The same happens with unencrypted entries if the store has no key of its own to seal them. A missing SQLite file is created.

Examples:
  undici-llm-cache import warm.jsonl --store sqlite:.llm-cache.db
  gunzip -c docs.jsonl.gz | undici-llm-cache import - --store redis://localhost:6379
`

const UNSEALED =
  "entries in clear: this store seals each under its caller's API key, which an export does not hold; set LLM_CACHE_ENCRYPTION_KEY"

/** `import FILE`: imports an export. */
export function defineImport(command: Command, facts: PackageFacts): void {
  addStoreOption(command)
    .argument('<file>', 'what export has written; - for stdin')
    .option('--json', '{ imported, skipped: [{ line, reason }], unsealed }')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: StoreFlags & { readonly json?: true }) => {
      // Checked before a store is created in vain.
      if (file !== '-') await (await open(file)).close()
      await withStore({ command, flags, facts, mayMake: true }, async ({ cache }) => {
        const source = file === '-' ? process.stdin : createReadStream(file)
        const result = await cache.import(source)
        await cache.flush()
        const { skipped, unsealed = 0 } = result
        // Entries that are only in memory are lost when this process ends.
        const imported = result.imported - unsealed
        if (flags.json) printJson({ imported, skipped, ...(unsealed > 0 && { unsealed }) })
        else print(`${showCount(imported)} imported, ${showCount(skipped.length + unsealed)} left out`)
        for (const { line, reason } of flags.json ? [] : skipped) tell(`line ${line}: ${reason}`)
        if (unsealed > 0) tell(UNSEALED)
        if (unsealed > 0 || skipped.some(({ reason }) => reason !== 'expired')) process.exitCode = 1
      })
    })
}
