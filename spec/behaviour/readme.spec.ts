import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { DEFAULTS } from '../../lib/options/options.ts'
import { makeApp, runNode } from '../support/run-node.ts'

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
const recipes = [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code ?? '')
const preload = new URL('../support/counted-network.ts', import.meta.url).href

/** Runs an app in a process whose network answers for every host; gives what it printed. */
async function runApp(code: string): Promise<string> {
  const cwd = await makeApp({ 'app.mjs': code })
  const env = { OPENAI_API_KEY: 'sk-one', NO_COLOR: '1' }
  const ended = await runNode(['--import', preload, 'app.mjs'], { cwd, env })
  expect(ended).toMatchObject({ code: 0, stderr: '' })
  return ended.stdout
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
