import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { entriesOf } from '../../support/cassette.ts'
import { doorUrl } from '../../support/package.ts'
import { childEnv } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'

const root = new URL('../../..', import.meta.url).pathname

/** What a run of vitest came to. */
interface Run {
  readonly passed: number
  readonly failed: number
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
}

/** A folder of tests, and vitest to run them. */
class TestProject {
  readonly folder: string
  readonly #origin: string

  constructor(folder: string, origin: string) {
    this.folder = folder
    this.#origin = origin
  }

  /** Writes a file of tests. `test` and `ask(model)` are there already. */
  async write(name: string, code: string): Promise<void> {
    const head = `
      import { beforeEach, describe, expect } from 'vitest'
      import { test as plain } from '${doorUrl('vitest')}'
      const test = plain.extend({ cassetteOptions: { hosts: ['${this.#origin}'] } })
      const ask = async (model) => {
        const init = { method: 'POST', body: JSON.stringify({ model, messages: [] }) }
        return (await fetch('${this.#origin}/v1/chat/completions', init)).text()
      }`
    await writeFile(join(this.folder, name), `${head}\n${code}`)
  }

  async run(args: readonly string[] = [], environment: Record<string, string> = {}): Promise<Run> {
    const env = childEnv({ CI: '', NO_COLOR: '1', ...environment })
    const report = join(this.folder, 'report.json')
    const reporting = ['--reporter=json', `--outputFile=${report}`]
    const all = ['node_modules/vitest/vitest.mjs', 'run', '--root', this.folder, ...reporting, ...args]
    // A run with failures exits with 1.
    await promisify(execFile)(process.execPath, all, { cwd: root, env }).catch(() => {})
    const { numPassedTests, numFailedTests }: Report = JSON.parse(await readFile(report, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests }
  }

  cassette(...path: string[]): string {
    return join(this.folder, '__cassettes__', ...path)
  }
}

async function createProject(origin: string): Promise<TestProject> {
  const folder = await mkdtemp(join(tmpdir(), 'tests-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return new TestProject(folder, origin)
}

test('each test has a cassette, in a file that is named from spec and test, and is replayed in CI', async () => {
  const { origin, calls } = await startProvider()
  const project = await createProject(origin)
  await project.write(
    'chat.test.js',
    `test('answers a question?', async () => { expect(await ask('one')).toContain('"one"') })
     describe('über', () => { test('twice', async () => { await ask('two') }); test('twice', async () => { await ask('three') }) })
     test('calls nothing', async () => {})`,
  )
  expect(await project.run()).toMatchObject({ passed: 4, failed: 0 })
  expect((await readdir(project.cassette('chat.test.js'))).toSorted()).toEqual([
    'answers-a-question.jsonl',
    'über-twice-2.jsonl',
    'über-twice.jsonl',
  ])
  expect(await project.run([], { CI: 'true' })).toMatchObject({ passed: 4, failed: 0 })
  expect(calls).toHaveLength(3)
})

test('50 tests at once in one file, and other files in other workers, each have their own answers', async () => {
  const { origin, calls } = await startProvider()
  const project = await createProject(origin)
  // The hook makes the cassette before the test's own function is called.
  const code = `beforeEach(() => {})
    for (let i = 0; i < 50; i++) test.concurrent(\`test \${i}\`, async ({ expect }) => {
      const both = await Promise.all([ask(\`model-\${i}\`), ask('the same for all')])
      expect(both[0]).toContain(\`"model-\${i}"\`)
    })`
  await project.write('a.test.js', code)
  await project.write('b.test.js', code)
  expect(await project.run()).toMatchObject({ passed: 100, failed: 0 })
  expect(calls).toHaveLength(200)
  const entries = await entriesOf(project.cassette('b.test.js', 'test-7.jsonl'))
  expect(entries.map(({ request }) => request.json)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ model: 'model-7' }),
      expect.objectContaining({ model: 'the same for all' }),
    ]),
  )
  expect(await project.run(['--no-isolate', '--max-workers=1'], { CI: 'true' })).toMatchObject({
    passed: 100,
    failed: 0,
  })
  expect(calls).toHaveLength(200)
})

test('a test that fails saves nothing new; one that is meant to fail, or passes at last, does', async () => {
  const { origin } = await startProvider()
  const project = await createProject(origin)
  await project.write(
    'a.test.js',
    `test('fails', async () => { await ask('one'); expect(1).toBe(2) })
     test.fails('is meant to fail', async () => { await ask('one'); expect(1).toBe(2) })
     let tries = 0
     test('passes at last', { retry: 1 }, async () => { await ask('try ' + ++tries); expect(tries).toBe(2) })`,
  )
  expect(await project.run()).toMatchObject({ passed: 2, failed: 1 })
  expect((await readdir(project.cassette('a.test.js'))).toSorted()).toEqual([
    'is-meant-to-fail.jsonl',
    'passes-at-last.jsonl',
  ])
  const [entry, ...more] = await entriesOf(project.cassette('a.test.js', 'passes-at-last.jsonl'))
  expect(entry?.request.json).toMatchObject({ model: 'try 2' })
  expect(more).toEqual([])
})

test('vitest -u records again, and removes what is no longer used', async () => {
  const { origin, calls } = await startProvider()
  const project = await createProject(origin)
  const write = (model: string): Promise<void> =>
    project.write('a.test.js', `test('asks', async () => { expect(await ask('${model}')).toContain('"${model}"') })`)
  await write('one')
  await project.run()
  await write('two')
  expect(await project.run()).toMatchObject({ failed: 1 })
  expect(await project.run(['-u'])).toMatchObject({ passed: 1 })
  const entries = await entriesOf(project.cassette('a.test.js', 'asks.jsonl'))
  expect(entries.map(({ request }) => request.json)).toEqual([expect.objectContaining({ model: 'two' })])
  expect(calls).toHaveLength(2)
})

test('options are set for a file or a suite, and nothing goes live in CI', async () => {
  const { origin, calls } = await startProvider()
  const project = await createProject(origin)
  await project.write(
    'a.test.js',
    `describe('off', () => {
       test.override({ cassetteOptions: { mode: 'off' } })
       test('goes live', async () => { expect(await ask('one')).toContain('"one"') })
     })
     test('fails', async () => { expect(await ask('two')).toMatch(/does not exist.*vitest -u/) })`,
  )
  expect(await project.run([], { CI: 'true' })).toMatchObject({ passed: 2, failed: 0 })
  expect(calls).toHaveLength(1)
  expect(existsSync(project.cassette())).toBe(false)
})

test('a call outside of the async context of its test belongs to the only one that runs, and to none of several', async () => {
  const { origin, calls } = await startProvider()
  const project = await createProject(origin)
  const outside = `import { AsyncLocalStorage } from 'node:async_hooks'
    const outside = AsyncLocalStorage.snapshot()`
  await project.write('one.test.js', `${outside}\ntest('asks', async () => { await outside(ask, 'one') })`)
  await project.write(
    'more.test.js',
    `${outside}
     const { promise, resolve } = Promise.withResolvers()
     test.concurrent('asks', async ({ expect }) => { expect(await outside(ask, 'two')).toContain('belongs to no test'); resolve() })
     test.concurrent('waits', async () => { await promise })`,
  )
  expect(await project.run()).toMatchObject({ passed: 3, failed: 0 })
  expect(await entriesOf(project.cassette('one.test.js', 'asks.jsonl'))).toHaveLength(1)
  expect(calls).toHaveLength(1)
})
