import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { doorUrl } from '../../support/package.ts'
import { startProvider } from '../../support/start-provider.ts'

const root = new URL('../../..', import.meta.url).pathname

/** Runs an app in a process where no undici is loaded yet (`node:http` loads one); `chat(fetch)` gives how a call was answered. */
async function run(script: string): Promise<string[]> {
  const { origin } = await startProvider()
  const app = `
    import { createLlmCache } from '${doorUrl('index')}'
    const origin = '${origin}'
    const body = JSON.stringify({ messages: [] })
    const headers = { 'content-type': 'application/json' }
    const chat = async (fetch) => {
      const response = await fetch(origin + '/v1/chat/completions', { method: 'POST', headers, body })
      await response.text()
      console.log(response.headers.get('x-llm-cache'))
    }
    const isLoaded = () => Object.getOwnPropertyDescriptor(globalThis, Symbol.for('undici.globalDispatcher.1'))?.value !== undefined
    const { defineProperty } = Object
    const cache = createLlmCache({ hosts: [origin] })
    ${script}`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', app], { cwd: root })
  return stdout.trim().split('\n')
}

test('install() loads no undici, and the first fetch goes through the cache', async () => {
  const script =
    'cache.install(); console.log(isLoaded()); await chat(fetch); await chat(fetch); console.log(isLoaded())'
  expect(await run(script)).toEqual(['false', 'MISS', 'HIT', 'true'])
})

test.for(['undici', 'undici7'])(
  'an %s that is imported after install() goes through it, and so does fetch',
  async (name) => {
    const script = `cache.install(); const undici = await import('${name}')
    await chat(undici.fetch); await chat(undici.fetch); await chat(fetch)`
    // The built-in fetch asks for other codings than undici's own.
    expect((await run(script)).slice(0, 2)).toEqual(['MISS', 'HIT'])
  },
)

test('a look at the empty slot changes nothing, whoever looks', async () => {
  const script = `cache.install()
    console.log(globalThis[Symbol.for('undici.globalDispatcher.1')], globalThis[Symbol.for('undici.globalDispatcher.2')])
    await 0
    console.log(Object.defineProperty === defineProperty)
    await chat(fetch); await chat(fetch)
    console.log(Object.defineProperty === defineProperty)`
  expect(await run(script)).toEqual(['undefined undefined', 'true', 'MISS', 'HIT', 'true'])
})

test('undone before any undici came, it leaves nothing behind', async () => {
  const script = `const uninstall = cache.install(); uninstall()
    console.log(Symbol.for('undici.globalDispatcher.1') in globalThis); await chat(fetch)`
  expect(await run(script)).toEqual(['false', 'null'])
})

test('undone after the first fetch, the built-in dispatcher stands alone again', async () => {
  const script = 'const uninstall = cache.install(); await chat(fetch); uninstall(); await chat(fetch)'
  expect(await run(script)).toEqual(['MISS', 'null'])
})

test('two caches that are installed before any undici came both see the calls', async () => {
  const script = `const above = createLlmCache({ hosts: [origin] })
    cache.install(); above.install(); await chat(fetch)
    console.log(cache.stats().misses, above.stats().misses)`
  expect(await run(script)).toEqual(['MISS', '1 1'])
})

test('a dispatcher that the app assigns to the empty slots has the cache above it', async () => {
  const script = `cache.install()
    const seen = []
    const own = { dispatch(opts, handler) {
      seen.push(opts.path)
      if (handler.onRequestStart) handler.onResponseError(null, new Error('no network'))
      else handler.onError(new Error('no network'))
      return true
    } }
    for (const slot of [1, 2]) globalThis[Symbol.for('undici.globalDispatcher.' + slot)] = own
    await chat(fetch).catch(() => console.log(seen.join(), cache.stats().misses))`
  expect(await run(script)).toEqual(['/v1/chat/completions 1'])
})
