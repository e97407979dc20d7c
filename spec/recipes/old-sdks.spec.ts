import { beforeAll, describe, expect, test } from 'vitest'
import { runNode } from '../support/run-node.ts'
import { startProvider } from '../support/start-provider.ts'
import { type Installed, install } from './install.ts'

let installed: Installed

beforeAll(async () => {
  installed = await install('old-sdks')
}, 600_000)

const OPENAI = "await new OpenAI(how).chat.completions.create({ model: 'gpt-5.1', messages })"
const CHAT = "chat.completions.create({ model: 'llama', messages })"

/** Calls by SDKs that do not go through undici. `origin` is where the provider is. */
const AROUND = {
  openai: `import OpenAI from 'openai'; const how = {}; ${OPENAI}`,
  '@anthropic-ai/sdk': `
    import Anthropic from '@anthropic-ai/sdk'
    const client = new Anthropic({ baseURL: origin, apiKey: 'sk-one' })
    await client.messages.create({ model: 'claude-opus-4-5', max_tokens: 9, messages })`,
  'groq-sdk': `
    import Groq from 'groq-sdk'
    await new Groq({ baseURL: origin + '/groq', apiKey: 'sk-one' }).${CHAT}`,
  'together-ai': `
    import Together from 'together-ai'
    await new Together({ baseURL: origin + '/v1', apiKey: 'sk-one' }).${CHAT}`,
  '@azure-rest/ai-inference': `
    import connect from '@azure-rest/ai-inference'
    const client = connect(origin + '/v1', { key: 'sk-one' }, { allowInsecureConnection: true })
    await client.path('/chat/completions').post({ body: { messages } })`,
  gaxios: `
    import { request } from 'gaxios'
    await request({ url: origin + '/v1/chat/completions', method: 'POST', data: { messages } })`,
}

/** The same of openai 4, with what helps. */
const MENDED = {
  'the built-in fetch': `import OpenAI from 'openai'; const how = { fetch: globalThis.fetch }; ${OPENAI}`,
  'its web shims': `import 'openai/shims/web'; import OpenAI from 'openai'; const how = {}; ${OPENAI}`,
}

/** Runs an app that makes a call twice and prints the cache's figures. */
async function runTwice(call: string): Promise<{ figures: unknown; stderr: string; host: string }> {
  const { origin } = await startProvider()
  const [imports, ...rest] = [call.match(/import .*?'\S+'/g)?.join('\n'), call.replaceAll(/import .*?'\S+';?/g, '')]
  const app = `${imports}
    import { cache } from 'undici-llm-cache/register'
    const origin = process.env.ORIGIN
    const messages = [{ role: 'user', content: 'Why?' }]
    for (let i = 0; i < 2; i++) { ${rest.join('')} }
    const { hits, unmatchedCauses } = cache.stats()
    console.log(JSON.stringify({ hits, unmatchedCauses }))`
  const hosts = `${origin}/v1,${origin}/groq/openai/v1`
  const keys = { OPENAI_API_KEY: 'sk-one', OPENAI_BASE_URL: `${origin}/v1` }
  const env = { ...keys, ORIGIN: origin, LLM_CACHE_HOSTS: hosts }
  const cwd = await installed.app({ 'app.mjs': app })
  const { code, stdout, stderr } = await runNode(['--import', 'undici-llm-cache/register', 'app.mjs'], { cwd, env })
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return { figures: JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''), stderr, host: new URL(origin).host }
}

describe('what goes around the cache is counted, and reported once with what to do', () => {
  test.for(Object.entries(AROUND))('%s', async ([, call]) => {
    const { figures, stderr, host } = await runTwice(call)
    expect(figures).toEqual({ hits: 0, unmatchedCauses: { 'node-http': { [host]: 2 } } })
    expect(stderr.match(/LLM_CACHE_UNMATCHED\].*/g)).toEqual([
      expect.stringMatching(`A call to ${host} was not cached: it went by node:http .*doctor`),
    ])
  })
})

describe('an old SDK is cached', () => {
  test.for(Object.entries(MENDED))('with %s', async ([, call]) => {
    const { figures, stderr } = await runTwice(call)
    expect({ figures, stderr }).toEqual({ figures: { hits: 1, unmatchedCauses: {} }, stderr: '' })
  })
})

test('doctor finds each of them, with what to do', async () => {
  const cli = installed.bin('undici-llm-cache/dist/cli.js')
  const { stdout } = await runNode([cli, 'doctor', '--json'], { cwd: installed.folder })
  const found: { check: string; level: string; remedy?: string }[] = JSON.parse(stdout)
  const told = found.filter(({ level, remedy }) => level === 'warn' && remedy !== undefined).map(({ check }) => check)
  const expected = ['openai', '@anthropic-ai/sdk', 'groq-sdk', 'together-ai', '@azure-rest/ai-inference']
  expect(new Set(told)).toEqual(new Set(expected.map((name) => `sdk ${name}`)))
})
