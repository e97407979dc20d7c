import { readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { PACKAGE } from '../../support/package.ts'
import { type Ended, makeFolder, runNode } from '../../support/run-node.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const readme = await readFile(new URL('../../../lib/cassettes/README.md', import.meta.url), 'utf8')
const recipes = [...readme.matchAll(/^```js\n\/\/ ([\w.-]+\.c?js)\b.*?\n(.*?)^```$/gms)]

/** A recipe of the README, by the file name in its first line. */
function recipe(name: string): string {
  return recipes.find(([, file]) => file === name)?.[2] ?? ''
}

/** An app whose network answers for every host, and which has installed what the README tells it to. */
async function makeApp(
  files: Readonly<Record<string, string>>,
): Promise<(args: string[], online: boolean) => Promise<Ended>> {
  const folder = await makeFolder({ 'node_modules/.keep': '', ...files })
  await symlink(PACKAGE, join(folder, 'node_modules/undici-llm-cache'))
  for (const name of ['openai', 'vitest', 'jest', 'jest-environment-node']) {
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
  return (args, online) => {
    const preload = new URL(`../../support/${online ? 'online' : 'offline'}.ts`, import.meta.url).href
    const key = online ? { OPENAI_API_KEY: 'sk-one' } : { CI: 'true' }
    return runNode(args, { cwd: folder, env: { NODE_OPTIONS: `--import ${preload}`, NO_COLOR: '1', ...key } })
  }
}

test('the recipe of ten lines records with a key, and is replayed without a network and without a key', async () => {
  const code = recipe('chat.test.js')
  expect(
    code
      .trim()
      .split('\n')
      .filter((line) => line.trim() !== '').length,
  ).toBeLessThanOrEqual(10)
  const run = await makeApp({ 'chat.test.js': code })
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--no-cache']
  expect((await run(args, true)).stdout).toMatch(/Tests {2}1 passed/)
  expect((await run(args, false)).stdout).toMatch(/Tests {2}1 passed/)
})

const CALL = `
  const init = { method: 'POST', body: JSON.stringify({ model: 'gpt-5.1', messages: [] }) }
  const answer = await fetch('https://api.openai.com/v1/chat/completions', init)
  if (answer.status !== 200) throw new Error(await answer.text())`

test('the lines for node:test do the same, and keep nothing of a test that fails', async () => {
  const tests = `import { test } from 'node:test'
    import { useCassette } from './use-cassette.js'
    test('asks', async (t) => { await useCassette(t); ${CALL} })
    test('fails', async (t) => { await useCassette(t); ${CALL}; throw new Error('no') })`
  const run = await makeApp({
    'package.json': '{ "type": "module" }',
    'use-cassette.js': recipe('use-cassette.js'),
    'a.test.js': tests,
  })
  const args = ['--test', '--test-reporter=tap', 'a.test.js']
  expect((await run(args, true)).stdout).toMatch(/^ok 1 - asks\n.*^not ok 2 - fails\n/ms)
  const { stdout } = await run(args, false)
  expect(stdout).toMatch(/^ok 1 - asks$/m)
  expect(stdout).toMatch(/The cassette cassettes\/fails\.jsonl has no answer/)
})

test('the lines for jest do the same', async () => {
  const tests = `
    test('asks', async () => { ${CALL} })
    test('fails', async () => { ${CALL}; throw new Error('no') })`
  const files = { 'cassette-environment.cjs': recipe('cassette-environment.cjs'), 'a.test.js': tests }
  const run = await makeApp({
    ...files,
    'package.json': '{ "jest": { "testEnvironment": "./cassette-environment.cjs", "transform": {} } }',
  })
  const args = ['node_modules/jest/bin/jest.js', '--no-cache', '--no-watchman', '--runInBand']
  expect((await run(args, true)).stderr).toMatch(/✓ asks.*✕ fails/s)
  const { stderr } = await run(args, false)
  expect(stderr).toMatch(/✓ asks/)
  expect(stderr).toMatch(/has no answer to POST/)
})
