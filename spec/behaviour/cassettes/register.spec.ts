import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { cassettePath, entriesOf } from '../../support/cassette.ts'
import { REGISTER } from '../../support/package.ts'
import { childEnv, makeFolder, runNode } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'

/** An app that asks once for each model. */
function app(origin: string, ...models: string[]): string {
  return `
    for (const model of ${JSON.stringify(models)}) {
      const body = JSON.stringify({ model, messages: [] })
      const answer = await fetch('${origin}/v1/chat/completions', { method: 'POST', body })
      console.log(answer.status, answer.headers.get('x-llm-cache'), (await answer.text()).length > 0)
    }`
}

test('LLM_CACHE_CASSETTE records and replays a whole app, in the place of the cache', async () => {
  const { origin, calls } = await startProvider()
  const folder = await makeFolder({ 'app.mjs': app(origin, 'one', 'one', 'two') })
  const env = { LLM_CACHE_CASSETTE: 'answers/app.jsonl', LLM_CACHE_HOSTS: origin }
  const args = ['--import', REGISTER, 'app.mjs']
  const first = await runNode(args, { cwd: folder, env })
  expect(first).toEqual({ code: 0, stdout: '200 null true\n200 null true\n200 null true\n', stderr: '' })
  expect(await entriesOf(join(folder, 'answers/app.jsonl'))).toHaveLength(3)
  const again = await runNode(args, { cwd: folder, env: { ...env, CI: 'true' } })
  expect(again).toEqual(first)
  expect(calls).toHaveLength(3)
})

test('LLM_CACHE_CASSETTE_MODE and _PRUNE are read, and what was left over is reported when the process ends', async () => {
  const { origin } = await startProvider()
  const path = cassettePath()
  const folder = await makeFolder({ 'all.mjs': app(origin, 'one', 'two'), 'one.mjs': app(origin, 'one') })
  const env = { LLM_CACHE_CASSETTE: path, LLM_CACHE_HOSTS: origin }
  await runNode(['--import', REGISTER, 'all.mjs'], { cwd: folder, env })
  const modes = { ...env, LLM_CACHE_CASSETTE_MODE: 'none' }
  const { stderr } = await runNode(['--import', REGISTER, 'one.mjs'], { cwd: folder, env: modes })
  expect(stderr).toMatch(/^undici-llm-cache: .*no call used POST .*\n$/)
  await runNode(['--import', REGISTER, '-e', '0'], { cwd: folder, env: { ...modes, LLM_CACHE_CASSETTE_PRUNE: '1' } })
  expect(await entriesOf(path)).toHaveLength(2)
  await runNode(['--import', REGISTER, 'one.mjs'], { cwd: folder, env: { ...modes, LLM_CACHE_CASSETTE_PRUNE: '1' } })
  expect(await entriesOf(path)).toHaveLength(1)
})

test('processes that share a cassette add their answers to it', async () => {
  const { origin, calls } = await startProvider()
  const path = cassettePath()
  const names = ['a', 'b', 'c', 'd']
  const folder = await makeFolder(
    Object.fromEntries(names.map((name) => [`${name}.mjs`, app(origin, name, 'the same')])),
  )
  const env = { LLM_CACHE_CASSETTE: path, LLM_CACHE_CASSETTE_MODE: 'new', LLM_CACHE_HOSTS: origin }
  const runs = names.map((name) => runNode(['--import', REGISTER, `${name}.mjs`], { cwd: folder, env }))
  expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0, 0, 0])
  const models = (await entriesOf(path)).map(({ request }) => JSON.stringify(request.json))
  for (const name of names) expect(models.filter((model) => model.includes(`"${name}"`))).toHaveLength(1)
  expect(models.filter((model) => model.includes('"the same"'))).toHaveLength(1)
  expect(calls.length).toBeGreaterThanOrEqual(5)
})

test('with PRUNE goes what none of the processes has used that share a cassette', async () => {
  const { origin } = await startProvider()
  const path = cassettePath()
  const names = ['a', 'b', 'unused']
  const folder = await makeFolder({
    ...Object.fromEntries(names.map((name) => [`${name}.mjs`, app(origin, name)])),
    'all.mjs': app(origin, ...names),
    // One after the other: the second would find nothing if the first had pruned.
    'run.mjs': `import { execFileSync } from 'node:child_process'
      for (const file of ['a.mjs', 'b.mjs']) execFileSync(process.execPath, [file], { stdio: 'inherit' })`,
  })
  const env = { LLM_CACHE_CASSETTE: path, LLM_CACHE_HOSTS: origin, NODE_OPTIONS: `--import ${REGISTER}` }
  await runNode(['all.mjs'], { cwd: folder, env })
  const pruning = { ...env, LLM_CACHE_CASSETTE_MODE: 'none', LLM_CACHE_CASSETTE_PRUNE: '1' }
  const ended = await runNode(['run.mjs'], { cwd: folder, env: pruning })
  expect(ended).toEqual({ code: 0, stdout: '200 null true\n200 null true\n', stderr: '' })
  const models = (await entriesOf(path)).map(({ request }) => JSON.stringify(request.json))
  expect(models.map((model) => /"model":"(\w+)"/.exec(model)?.[1]).toSorted()).toEqual(['a', 'b'])
  expect((await readdir(dirname(path))).filter((name) => name.includes('.used'))).toEqual([])
})

test('what a server has recorded is saved as it goes: a signal that ends it loses nothing', async () => {
  const { origin } = await startProvider()
  const path = cassettePath()
  const folder = await makeFolder({ 'server.mjs': `${app(origin, 'one')}\nsetInterval(() => {}, 1000)` })
  const env = childEnv({ LLM_CACHE_CASSETTE: path, LLM_CACHE_HOSTS: origin })
  const server = spawn(process.execPath, ['--import', REGISTER, 'server.mjs'], { cwd: folder, env })
  await vi.waitFor(async () => expect(await entriesOf(path)).toHaveLength(1), 20_000)
  server.kill('SIGKILL')
  await once(server, 'exit')
  expect(await readFile(path, 'utf8')).toMatch(/\n$/)
})

test('a secret is reported when the process ends, by its place', async () => {
  const provider = await startProvider()
  const key = ['sk', 'ant', 'api03', 'abcdefgh0123456789'].join('-')
  provider.always({ events: [JSON.stringify({ text: key })], contentType: 'application/json' })
  const path = cassettePath()
  const folder = await makeFolder({ 'app.mjs': app(provider.origin, 'one') })
  const env = { LLM_CACHE_CASSETTE: path, LLM_CACHE_HOSTS: provider.origin }
  const { code, stderr } = await runNode(['--import', REGISTER, 'app.mjs'], { cwd: folder, env })
  expect(code).toBe(0)
  expect(stderr).toMatch(/response\.json\.text \(an Anthropic key\)/)
  expect(stderr).not.toContain(key)
})

test('a file that is no cassette ends the process: without it, the app would go live', async () => {
  const path = cassettePath()
  await writeFile(path, '<<<<<<< HEAD\n')
  const { code, stdout, stderr } = await runNode(['--import', REGISTER, '-e', 'console.log(1)'], {
    env: { LLM_CACHE_CASSETTE: path },
  })
  expect(stderr).toMatch(/^undici-llm-cache: LLM_CACHE_CASSETTE: .*:1 is no cassette header/)
  expect([code, stdout]).toEqual([78, ''])
})

test.for(['0', '1'])('a wrong mode is named in one line, and ends the process, LLM_CACHE_STRICT=%s', async (strict) => {
  const env = { LLM_CACHE_CASSETTE: cassettePath(), LLM_CACHE_CASSETTE_MODE: 'never', LLM_CACHE_STRICT: strict }
  const { code, stderr } = await runNode(['--import', REGISTER, '-e', '0'], { env })
  expect(stderr).toBe('undici-llm-cache: LLM_CACHE_CASSETTE_MODE must be once, new, all, none, off\n')
  expect(code).toBe(78)
})
