import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { storeContract } from '../../lib/stores/contract.ts'
import type { CacheStore } from '../../lib/index.ts'
import { makeFolder } from '../support/run-node.ts'

const README = new URL('../../lib/stores/README.md', import.meta.url)

test("the store that the stores' page shows keeps the contract", async () => {
  const page = await readFile(README, 'utf8')
  const [, code] = /```ts\n((?:(?!```)[^])*folderStore\(folder[^]*?)```/.exec(page) ?? []
  const folder = await makeFolder({ 'folder-store.ts': code ?? '' })
  const shown: { folderStore: (folder: string) => CacheStore } = await import(
    pathToFileURL(join(folder, 'folder-store.ts')).href
  )
  let opened = 0
  const open = (): CacheStore => shown.folderStore(join(folder, `store ${opened++}`))
  for (const { run } of storeContract) await run(open)
  expect(opened).toBe(storeContract.length)
})
