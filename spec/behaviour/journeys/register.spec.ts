import { describe, expect, test } from 'vitest'
import { startProvider } from '../../support/start-provider.ts'
import { startProxy } from '../../support/proxy.ts'
import { doorUrl, REGISTER } from '../../support/package.ts'
import { type Ended, makeFolder, runNode } from '../../support/run-node.ts'
import type { Provider } from '../../support/provider.ts'

/** Makes one call twice; gives how each was answered. */
const CALL_TWICE = `
async function callTwice() {
  const statuses = []
  for (let i = 0; i < 2; i++) {
    const response = await fetch(process.env.ORIGIN + '/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [], stream: true }),
    })
    await response.text()
    statuses.push(response.headers.get('x-llm-cache'))
  }
  return statuses
}
`
const APP = `${CALL_TWICE} callTwice().then((statuses) => console.log(JSON.stringify(statuses)))`

interface Started {
  readonly files?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Runs `app.mjs`, which calls the provider twice unless a file of the spec's stands in for it. */
async function runApp(provider: Provider, { files, args, env }: Started = {}): Promise<Ended> {
  const cwd = await makeFolder({ 'app.mjs': APP, ...files })
  const known = { ORIGIN: provider.origin, LLM_CACHE_HOSTS: provider.origin }
  return runNode(args ?? ['--import', REGISTER, 'app.mjs'], { cwd, env: { ...known, ...env } })
}

const HIT: Ended = { code: 0, stdout: '["MISS","HIT"]\n', stderr: '' }
const LIVE: Ended = { code: 0, stdout: '[null,null]\n', stderr: '' }

describe('the second call is a hit, without a line of code', () => {
  test.for<[string, Started]>([
    ['in ESM', {}],
    ['in CommonJS', { files: { 'app.cjs': APP }, args: ['--import', REGISTER, 'app.cjs'] }],
    ['in TypeScript', { files: { 'app.mts': APP }, args: ['--import', REGISTER, 'app.mts'] }],
    ['by --require', { args: ['--require', new URL(REGISTER).pathname, 'app.mjs'] }],
    ['by NODE_OPTIONS', { args: ['app.mjs'], env: { NODE_OPTIONS: `--import ${REGISTER}` } }],
    ['with --eval', { args: ['--import', REGISTER, '--eval', APP] }],
    ['imported twice', { args: ['--import', REGISTER, '--import', REGISTER, 'app.mjs'] }],
    ['from two copies', { args: ['--import', REGISTER, '--import', `${REGISTER}?other-copy`, 'app.mjs'] }],
    ['with settings that are empty', { env: { LLM_CACHE: '', LLM_CACHE_TTL: '', LLM_CACHE_STORE: '' } }],
  ])('%s', async ([, started]) => {
    const provider = await startProvider()
    expect(await runApp(provider, started)).toEqual(HIT)
    expect(provider.calls).toHaveLength(1)
  })

  test.for(['first', 'last'])('beside another --import hook that comes %s', async (place) => {
    const provider = await startProvider()
    const hook = `
      import { registerHooks } from 'node:module'
      registerHooks({ load: (url, context, next) => next(url, context) })
      const { subscribe } = await import('node:diagnostics_channel')
      subscribe('undici:request:create', ({ request }) => request.addHeader('traceparent', '00-1-2-01'))
    `
    const imports = place === 'first' ? ['./hook.mjs', REGISTER] : [REGISTER, './hook.mjs']
    const args = [...imports.flatMap((url) => ['--import', url]), 'app.mjs']
    expect(await runApp(provider, { files: { 'hook.mjs': hook }, args })).toEqual(HIT)
    expect(provider.calls[0]?.headers['traceparent']).toBe('00-1-2-01')
  })

  test('in a worker thread, which has a cache of its own', async () => {
    const provider = await startProvider()
    const app = `
      import { isMainThread, parentPort, Worker } from 'node:worker_threads'
      ${CALL_TWICE}
      const statuses = await callTwice()
      if (!isMainThread) parentPort.postMessage(statuses)
      else new Worker(new URL(import.meta.url)).on('message', (inside) => console.log(JSON.stringify([...statuses, ...inside])))
    `
    const { stdout, stderr } = await runApp(provider, { files: { 'app.mjs': app } })
    expect({ stdout, stderr }).toEqual({ stdout: '["MISS","HIT","MISS","HIT"]\n', stderr: '' })
  })

  test('in a worker thread whose code is a string, where that begins with require', async () => {
    const provider = await startProvider()
    const code = `
      require(process.env.REGISTER_PATH)
      ${APP.replace('console.log', "require('node:worker_threads').parentPort.postMessage")}
    `
    const app = `
      import { Worker } from 'node:worker_threads'
      new Worker(${JSON.stringify(code)}, { eval: true }).on('message', (statuses) => console.log(statuses))
    `
    const env = { REGISTER_PATH: new URL(REGISTER).pathname }
    expect(await runApp(provider, { files: { 'app.mjs': app }, env })).toEqual(HIT)
  })

  test.for(['fork', 'NODE_OPTIONS'])('in a child process by %s', async (how) => {
    const provider = await startProvider()
    const app = `
      import { fork, spawn } from 'node:child_process'
      if (process.env.HOW === 'fork') fork('./child.mjs')
      else spawn(process.execPath, ['./child.mjs'], { stdio: 'inherit' })
    `
    const args = how === 'fork' ? ['--import', REGISTER, 'app.mjs'] : ['app.mjs']
    const env = { HOW: how, ...(how === 'fork' ? {} : { NODE_OPTIONS: `--import ${REGISTER}` }) }
    expect(await runApp(provider, { files: { 'app.mjs': app, 'child.mjs': APP }, args, env })).toEqual(HIT)
  })

  test('below the proxy that NODE_USE_ENV_PROXY sets up', async () => {
    const [provider, proxy] = [await startProvider(), await startProxy()]
    const env = { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.origin, NO_PROXY: '' }
    expect(await runApp(provider, { env })).toEqual(HIT)
    expect(proxy.asked).toHaveLength(1)
  })
})

test('the registered cache can be imported, for its figures', async () => {
  const provider = await startProvider()
  const app = `
    import { cache } from ${JSON.stringify(REGISTER)}
    ${CALL_TWICE}
    await callTwice()
    console.log(cache.stats().hits)
  `
  expect((await runApp(provider, { files: { 'app.mjs': app } })).stdout).toBe('1\n')
})

test('a file sets options, and a variable is nearer', async () => {
  const provider = await startProvider()
  const files = { 'cache.mts': `export default { policy: 'opt-in' as const, ttl: 60 }` }
  const [env, nearer] = [{ LLM_CACHE_CONFIG: 'cache.mts' }, { LLM_CACHE_CONFIG: 'cache.mts', LLM_CACHE_POLICY: 'all' }]
  expect(await runApp(provider, { files, env })).toEqual({ ...HIT, stdout: '["BYPASS","BYPASS"]\n' })
  expect(await runApp(provider, { files, env: nearer })).toEqual(HIT)
})

test('LLM_CACHE=off leaves every call alone', async () => {
  const provider = await startProvider()
  expect(await runApp(provider, { env: { LLM_CACHE: 'off' } })).toEqual(LIVE)
})

describe('a setting that is wrong', () => {
  const wrong = { LLM_CACHE_TTL: 'sk-secret', LLM_CACHE_CONFIG: 'sk-missing.json' }
  const told =
    'undici-llm-cache: LLM_CACHE_TTL must be an integer from 1 to 2592000; it is ignored\n' +
    'undici-llm-cache: LLM_CACHE_CONFIG names a file that does not exist, or that imports one that does not; it is ignored\n'

  test('is one line on stderr, and the app runs', async () => {
    expect(await runApp(await startProvider(), { env: wrong })).toEqual({ ...HIT, stderr: told })
  })

  test('ends the process with exit code 78 where LLM_CACHE_STRICT=1, before the app begins', async () => {
    const ended = await runApp(await startProvider(), { env: { ...wrong, LLM_CACHE_STRICT: '1' } })
    expect(ended).toEqual({ code: 78, stdout: '', stderr: told.replaceAll('; it is ignored', '') })
  })

  test('is reported once, however often register is imported', async () => {
    const args = ['--import', REGISTER, '--import', `${REGISTER}?other-copy`, 'app.mjs']
    const env = { LLM_CACHE_TTL: 'sk-secret', LLM_CACHE: 'off' }
    const { stderr } = await runApp(await startProvider(), { args, env })
    expect(stderr.match(/LLM_CACHE_TTL/g)).toHaveLength(1)
  })
})

describe('real SDKs through register', () => {
  test.for<[string, string]>([
    [
      'openai',
      `import OpenAI from 'openai'
       const client = new OpenAI({ baseURL: process.env.ORIGIN + '/v1', apiKey: 'sk-one' })
       const ask = async () => (await client.chat.completions.create({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'hi' }] })).choices[0].message.content`,
    ],
    [
      'openai, a stream',
      `import OpenAI from 'openai'
       const client = new OpenAI({ baseURL: process.env.ORIGIN + '/v1', apiKey: 'sk-one' })
       const ask = async () => {
         let text = ''
         const stream = await client.chat.completions.create({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'hi' }], stream: true })
         for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
         return text
       }`,
    ],
    [
      '@anthropic-ai/sdk',
      `import Anthropic from '@anthropic-ai/sdk'
       const client = new Anthropic({ baseURL: process.env.ORIGIN, apiKey: 'sk-one' })
       const ask = async () => (await client.messages.create({ model: 'claude-opus-4-5', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] })).content[0].text`,
    ],
    [
      'ai',
      `import { createOpenAI } from '@ai-sdk/openai'
       import { generateText } from 'ai'
       const model = createOpenAI({ baseURL: process.env.ORIGIN + '/v1', apiKey: 'sk-one' }).chat('gpt-5.1')
       const ask = async () => (await generateText({ model, prompt: 'hi' })).text`,
    ],
    [
      '@langchain/openai',
      `import { ChatOpenAI } from '@langchain/openai'
       const model = new ChatOpenAI({ model: 'gpt-5.1', apiKey: 'sk-one', configuration: { baseURL: process.env.ORIGIN + '/v1' } })
       const ask = async () => (await model.invoke('hi')).content`,
    ],
  ])('%s: the second answer is the first one again', async ([, setup]) => {
    const provider = await startProvider()
    const app = `${setup}
      const [first, second] = [await ask(), await ask()]
      console.log(first.length > 0 && first === second)`
    expect(await runApp(provider, { files: { 'app.mjs': app } })).toEqual({ code: 0, stdout: 'true\n', stderr: '' })
    expect(provider.calls).toHaveLength(1)
  })
})

test('install() calls no fetch, which an app may have mocked, and still finds the built-in one', async () => {
  const provider = await startProvider()
  const app = `
    const real = globalThis.fetch
    globalThis.fetch = () => { throw new Error('a call that no mock expects') }
    const { createLlmCache } = await import('${doorUrl('index')}')
    createLlmCache({ hosts: [process.env.ORIGIN] }).install()
    globalThis.fetch = real
    ${APP}`
  expect(await runApp(provider, { args: ['--input-type=module', '--eval', app] })).toEqual(HIT)
})
