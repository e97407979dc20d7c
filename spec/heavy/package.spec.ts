import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const run = promisify(execFile)
const root = new URL('../..', import.meta.url).pathname

let app: string

/** Where the packed package is installed, beside the packages that it asks for. */
beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'package-'))
  await run('npm', ['pack', '--pack-destination', app], { cwd: root })
  await run('tar', ['-xzf', join(app, `undici-llm-cache-${await version()}.tgz`), '-C', app])
  await writeFile(join(app, 'package.json'), '{ "private": true }')
  await mkdir(join(app, 'node_modules'))
  await cp(join(app, 'package'), join(app, 'node_modules', 'undici-llm-cache'), { recursive: true })
  const manifest: { dependencies: Record<string, string> } = await manifestOf()
  for (const name of Object.keys(manifest.dependencies)) {
    const place = join(app, 'node_modules', name)
    await mkdir(join(place, '..'), { recursive: true })
    await symlink(join(root, 'node_modules', name), place)
  }
}, 120_000)

afterAll(() => rm(app, { recursive: true, force: true }))

async function manifestOf(): Promise<{ version: string; dependencies: Record<string, string>; exports: object }> {
  return (await import(join(root, 'package.json'), { with: { type: 'json' } })).default
}

async function version(): Promise<string> {
  return (await manifestOf()).version
}

/** What a script of the app prints, run with the package installed and no option of the specs' own. */
async function node(...args: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], NO_COLOR: '1' }
  return (await run(process.execPath, args, { cwd: app, env })).stdout
}

describe('the packed package', () => {
  test('opens by import and by require, and both give the same cache', async () => {
    await writeFile(
      join(app, 'both.mjs'),
      `import { createRequire } from 'node:module'
      import { createLlmCache } from 'undici-llm-cache'
      const required = createRequire(import.meta.url)('undici-llm-cache')
      console.log(typeof createLlmCache, required.createLlmCache === createLlmCache)`,
    )
    expect(await node('both.mjs')).toBe('function true\n')
  })

  test('is registered by --import and by --require', async () => {
    const script = "console.log(typeof require('undici-llm-cache/register').cache.stats)"
    expect(await node('--import', 'undici-llm-cache/register', '-e', script)).toBe('function\n')
    expect(await node('--require', 'undici-llm-cache/register', '-e', script)).toBe('function\n')
  })

  test('replays a cassette by --import and by --require', async () => {
    const ask = "fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body: '{}' })"
    const script = `${ask}.then(async (answer) => console.log(answer.status, (await answer.text()).includes('cassette')))`
    const set = "process.env.LLM_CACHE_CASSETTE = 'none.jsonl'; process.env.LLM_CACHE_CASSETTE_MODE = 'none'"
    await writeFile(join(app, 'set.cjs'), set)
    for (const load of ['--import', '--require']) {
      const args = ['--require', './set.cjs', load, 'undici-llm-cache/register', '-e', script]
      expect(await node(...args)).toBe('400 true\n')
    }
  })

  test('serves its page, which is small and is loaded by nobody else', async () => {
    const script = `import { createLlmCache } from 'undici-llm-cache'
      const cache = createLlmCache()
      const { url } = await cache.ui()
      const files = ['/', '/page.css', '/page.js'].map(async (name) => (await (await fetch(new URL(name, url))).text()).length)
      console.log(JSON.stringify(await Promise.all(files)))
      await cache.close()`
    await writeFile(join(app, 'page.mjs'), script)
    const sizes: number[] = JSON.parse(await node('page.mjs'))
    expect(Math.min(...sizes)).toBeGreaterThan(400)
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(150_000)
  })

  test('has a command line that knows its version', async () => {
    expect(await node('node_modules/undici-llm-cache/dist/cli.js', '--version')).toBe(`${await version()}\n`)
  })

  test('names its own source in a stack trace under --enable-source-maps', async () => {
    await writeFile(
      join(app, 'wrong.mjs'),
      `import { createLlmCache } from 'undici-llm-cache'
      try { createLlmCache({ ttl: 'soon' }) } catch (error) { console.log(error.stack) }`,
    )
    expect(await node('--enable-source-maps', 'wrong.mjs')).toMatch(/lib\/options\/check-options\.ts:\d+/)
  })

  test('has a store in a file, and the thread that writes it', async () => {
    await writeFile(
      join(app, 'store.mjs'),
      `import { makeEntry, storeContract } from 'undici-llm-cache/stores/contract'
      import { sqliteStore } from 'undici-llm-cache/stores/sqlite'
      let count = 0
      const open = () => sqliteStore({ path: 'cache-' + count++ + '.db' })
      for (const { run } of storeContract) await run(open)
      await open().set(makeEntry(), undefined)
      console.log(storeContract.length > 20)`,
    )
    expect(await node('store.mjs')).toBe('true\n')
  })

  test('has embedders', async () => {
    await writeFile(
      join(app, 'embedders.mjs'),
      `import { httpEmbedder, transformersEmbedder } from 'undici-llm-cache/embedders'
      const { id } = httpEmbedder({ baseURL: 'https://api.openai.com/v1', model: 'text-embedding-3-small' })
      const local = transformersEmbedder({ model: 'Xenova/all-MiniLM-L6-v2' })
      console.log(id, await local.embed(['a']).catch(({ code }) => code))`,
    )
    expect(await node('embedders.mjs')).toBe('text-embedding-3-small api.openai.com ERR_LLM_CACHE_PACKAGE\n')
  })

  test('loads nothing of Node that only a call needs', async () => {
    // In a file: Node loads the modules that a script of `--eval` names.
    await writeFile(
      join(app, 'started.cjs'),
      `const part = /^NativeModule (crypto|zlib|perf_hooks|stream|net|tls|http|internal.deps.undici.undici)$/
      console.log(JSON.stringify(process.moduleLoadList.filter((name) => part.test(name))))`,
    )
    expect(JSON.parse(await node('--import', 'undici-llm-cache/register', 'started.cjs'))).toEqual([])
  })

  test('loads neither undici nor what few calls need', async () => {
    await writeFile(
      join(app, 'loaded.mjs'),
      `import { registerHooks } from 'node:module'
      const seen = []
      registerHooks({ resolve(specifier, context, next) { seen.push(specifier); return next(specifier, context) } })
      await import('undici-llm-cache')
      console.log(JSON.stringify(seen.filter((one) => !/^(node:|\\.|undici-llm-cache)/.test(one))))`,
    )
    expect(JSON.parse(await node('loaded.mjs'))).toEqual([])
  })
})
