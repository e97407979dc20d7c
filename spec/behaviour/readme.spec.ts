import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { DEFAULTS } from '../../lib/options/options.ts'

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
const recipes = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code ?? '')
const preload = new URL('../support/readme-preload.ts', import.meta.url).href

/** Runs an app in a process whose network answers for every host; gives what it printed. */
async function runApp(code: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'readme-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'app.mjs'), code)
  const env = { PATH: process.env['PATH'], OPENAI_API_KEY: 'sk-one', NO_COLOR: '1' }
  const args = ['--import', preload, join(folder, 'app.mjs')]
  return (await promisify(execFile)(process.execPath, args, { env })).stdout
}

test("the README's calls run as they are written", async () => {
  const stdout = await runApp(recipes.filter((code) => !code.includes('formats')).join('\n'))
  expect(stdout).toMatch(/hits: 1,\n\s*misses: 1,/)
  expect(stdout).toMatch(/^HIT$/m)
  expect(stdout).toMatch(/^network calls: 1$/m)
})

test("the README's row makes its host known", async () => {
  const calls = `
    cache.install()
    const body = JSON.stringify({ messages: [] })
    for (let i = 0; i < 2; i++) await (await fetch('https://llm.example.com/v2/chat/completions', { method: 'POST', body })).text()
  `
  const stdout = await runApp(recipes.filter((code) => code.includes('formats')).join('\n') + calls)
  expect(stdout).toMatch(/^network calls: 1$/m)
})

test('the table of options names every option', async () => {
  const table = await readFile(new URL('../../lib/options/README.md', import.meta.url), 'utf8')
  const named = [...table.matchAll(/^\|(.*?)\|/gm)].flatMap(([, cell]) => [...(cell ?? '').matchAll(/`(\w+)`/g)])
  const options = [...Object.keys(DEFAULTS), 'identity', 'rewrite', 'semantic', 'store']
  expect(named.map(([, name]) => name).toSorted()).toEqual(options.toSorted())
})
