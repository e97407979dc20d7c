import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { showNumberOf } from '../base/units.ts'
import type { PackageFacts } from './define.ts'
import { addFilterOptions, type FilterFlags, filterOf, wholeKey } from './filter-options.ts'
import { addStoreOption, type StoreFlags, withStore } from './open-cache.ts'
import { tell } from './output.ts'

const EXAMPLES = `
Writes entries as JSON Lines, to a file or to stdout. Sealed entries stay sealed: after an import they can be opened with the
same API keys or the same LLM_CACHE_ENCRYPTION_KEY.

Examples:
  undici-llm-cache export warm.jsonl --store sqlite:.llm-cache.db
  undici-llm-cache export --namespace docs | gzip > docs.jsonl.gz
`

/** `export [FILE]`: entries as JSON Lines. */
export function defineExport(command: Command, facts: PackageFacts): void {
  addFilterOptions(addStoreOption(command))
    .argument('[file]', 'the file to write; default stdout')
    .addHelpText('after', EXAMPLES)
    .action((file: string | undefined, flags: StoreFlags & FilterFlags) =>
      withStore({ command, flags, facts }, async ({ cache, store }) => {
        const key = flags.key === undefined ? {} : { key: await wholeKey(store, flags.key) }
        let count = 0
        async function* lines(): AsyncGenerator<string> {
          for await (const line of cache.export({ ...filterOf(flags), ...key })) {
            count++
            yield line
          }
        }
        await (file === undefined ? pipeline(lines(), process.stdout, { end: false }) : writeWhole(file, lines()))
        tell(showNumberOf(count, 'entry', 'entries'))
      }),
    )
}

/**
 * Writes the file atomically: an older one stays until the new one is complete. Only its owner may read it (mode 0600).
 */
async function writeWhole(file: string, lines: AsyncIterable<string>): Promise<void> {
  const part = `${file}.${process.pid}.part`
  try {
    await pipeline(Readable.from(lines), createWriteStream(part, { mode: 0o600, flags: 'wx' }))
    await rename(part, file)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}
