import { once } from 'node:events'
import type { Command } from 'commander'
import type { CacheStore } from '../stores/store.ts'
import { serveUi } from '../ui/server.ts'
import { sourceOfStore } from '../ui/store-source.ts'
import type { PackageFacts } from './define.ts'
import { addStoreOption, type StoreFlags, withStore } from './open-cache.ts'
import { print } from './output.ts'

const EXAMPLES = `
Serves a page on 127.0.0.1 that shows what is in a store. Open the whole printed address: the part after # is the page's secret
token. Ctrl-C ends it. To see an answer, enter the API key of its call there.

For live calls and why they miss, open the page from the app: await cache.ui()

Examples:
  undici-llm-cache ui --store sqlite:.llm-cache.db
  LLM_CACHE_STORE=redis://localhost undici-llm-cache ui --port 8080 --allow-clear
`

interface Flags extends StoreFlags {
  readonly port: number
  readonly allowClear?: boolean
}

/** `ui`: the page of a store. */
export function defineUi(command: Command, facts: PackageFacts): void {
  addStoreOption(command)
    .option('--port <number>', 'the port on 127.0.0.1; 0: any free one', portOf(command), 0)
    .option('--allow-clear', 'entries can be deleted there')
    .addHelpText('after', EXAMPLES)
    .action((flags: Flags) => withStore({ command, flags, facts }, ({ store }) => show(store, flags)))
}

function portOf(command: Command): (text: string) => number {
  return (text) => {
    const port = Number(text)
    const isPort = /^\d+$/.test(text) && port <= 65_535
    return isPort ? port : command.error('error: --port must be a whole number from 0 to 65535')
  }
}

async function show(store: CacheStore, { port, allowClear = false }: Flags): Promise<void> {
  const page = await serveUi(sourceOfStore(store), { port, allowClear })
  print(page.url)
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)))
  await page.close()
}
