import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createLlmCache } from '../../lib/index.ts'

const read = (path: string): Promise<string> => readFile(new URL(`../../lib/${path}`, import.meta.url), 'utf8')

/** Names that a file of the code has, and a page has not. */
async function missing(names: Iterable<string>, page: string): Promise<string[]> {
  const text = await read(page)
  return [...names].filter((name) => !text.includes(`\`${name}\``))
}

test.each([
  ['variable', 'options/environment.ts', /^ {2}(LLM_CACHE\w*):/gm, 'cli/README.md'],
  ['header of its own', 'controls/header-controls.ts', /^ {2}'(x-llm-cache[\w-]*)':/gm, 'controls/README.md'],
  ['diagnostics channel', 'telemetry/diagnostics.ts', /^ {2}'(undici-llm-cache:\w+)':/gm, 'telemetry/README.md'],
])('every %s is on its page', async (_what, file, pattern, page) => {
  const names = new Set([...(await read(file)).matchAll(pattern)].map(([, name = '']) => name))
  expect(names.size).toBeGreaterThan(5)
  expect(await missing(names, page)).toEqual([])
})

test('every member of stats() is on its page', async () => {
  const cache = createLlmCache()
  onTestFinished(() => cache.close())
  const names = Object.keys(cache.stats()).flatMap((name) => (name === 'latency' ? ['latency.hit'] : [name]))
  expect(await missing(names, 'telemetry/README.md')).toEqual([])
})
