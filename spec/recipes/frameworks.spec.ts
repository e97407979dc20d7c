import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { recipeBlock, recipeFile, recipeFiles } from '../support/recipes.ts'
import { runNode } from '../support/run-node.ts'
import { startServer } from '../support/start-server.ts'
import { followDockerfile } from './docker.ts'
import { type Installed, install, npm, writeFiles } from './install.ts'
import { type Internet, startInternet } from './internet.ts'

const REGISTER = ['--import', 'undici-llm-cache/register']
/** Bounds for a hang, not for a pace: packages come from the registry, and Next.js compiles. */
const LONG = 600_000

let installed: Installed

beforeAll(async () => {
  installed = await install('frameworks')
}, LONG)

function settings({ env }: Internet): Record<string, string> {
  return { ...env, OPENAI_API_KEY: 'sk-one', NO_COLOR: '1' }
}

/** Paths of the LLM calls that were made: the Agents SDK also sends its traces. */
function callsOf({ calls }: Internet): string[] {
  return calls.map(({ path }) => path).filter((path) => path !== '/v1/traces/ingest')
}

test('LangChain, LlamaIndex, Mastra, OpenAI Agents and the AI SDK: the second run calls nobody', async () => {
  const internet = await startInternet()
  const cwd = await installed.app(recipeFiles('agents.mjs'))
  const env = { ...settings(internet), LLM_CACHE_STORE: 'sqlite:cache.db', LLM_CACHE_LOG: '1' }
  const first = await runNode([...REGISTER, 'agents.mjs'], { cwd, env })
  expect([first.code, first.stderr.match(/^MISS .*/gm)]).toEqual([0, expect.objectContaining({ length: 5 })])
  const chat = '/v1/chat/completions'
  const made = [chat, chat, '/v1/responses', '/v1/responses', '/v1/responses']
  expect(callsOf(internet)).toEqual(made)
  const second = await runNode([...REGISTER, 'agents.mjs'], { cwd, env })
  expect(second.stderr).toContain('undici-llm-cache: 5 calls: 5 hits · saved')
  expect(callsOf(internet)).toEqual(made)
})

/** Asks a server the same twice: whether it streamed the same, and what got to the provider. */
async function askTwice(ask: () => Promise<Response>, internet: Internet): Promise<string> {
  const [first, second] = [await (await ask()).text(), await (await ask()).text()]
  expect(second).toBe(first)
  expect(internet.calls).toHaveLength(1)
  expect(JSON.parse(String(internet.calls[0]?.body))).toMatchObject({ stream: true })
  return first
}

const NEST_APP = {
  'app.module.ts': `
    import { Module } from '@nestjs/common'
    import { AskController } from './ask.controller.js'
    @Module({ controllers: [AskController] })
    export class AppModule {}`,
  'tsconfig.json': '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }',
  'package.json': '{ "type": "module" }',
}

test('NestJS streams the same answer twice, and asks for it once', async () => {
  const [internet, port] = [await startInternet(), await freePort()]
  const cwd = await installed.app({ ...NEST_APP, ...recipeFiles('main.ts', 'ask.controller.ts') })
  const env = { ...settings(internet), PORT: String(port) }
  await startServer([installed.bin('tsx/dist/cli.mjs'), 'main.ts'], /successfully started/, { cwd, env })
  const answer = await askTwice(() => fetch(`http://127.0.0.1:${port}/ask?q=hi`), internet)
  expect(answer).toMatch(/^data: \w+/m)
})

const NEXT_FILES = ['instrumentation.js', 'next.config.mjs', 'app/ask/route.js'] as const

test(
  'Next.js streams the same answer twice from a route, and asks for it once',
  async () => {
    const [internet, port] = [await startInternet(), await freePort()]
    const cwd = await installed.app({ ...recipeFiles(...NEXT_FILES), 'package.json': '{ "type": "module" }' })
    const env = { ...settings(internet), NEXT_TELEMETRY_DISABLED: '1' }
    const next = installed.bin('next/dist/bin/next')
    expect(await runNode([next, 'build'], { cwd, env })).toMatchObject({ code: 0 })
    await startServer([next, 'start', '-p', String(port)], /Ready in/, { cwd, env })
    const ask = (): Promise<Response> => fetch(`http://127.0.0.1:${port}/ask`, { method: 'POST', body: 'Why?' })
    expect(await askTwice(ask, internet)).toContain('chat.completion.chunk')
  },
  LONG,
)

const TRACED_APP = `
  import OpenAI from 'openai'
  import { trace } from '@opentelemetry/api'
  const ask = { model: 'gpt-5.1', messages: [{ role: 'user', content: 'Why?' }] }
  for (let i = 0; i < 2; i++) {
    await trace.getTracer('app').startActiveSpan('ask', async (span) => {
      await new OpenAI().chat.completions.create(ask)
      span.end()
    })
  }`

test.for(['as the page has it', 'the other way round'])("beside OpenTelemetry's own hook, %s", async (order) => {
  const internet = await startInternet()
  const cwd = await installed.app({ 'app.mjs': TRACED_APP })
  const [, open, other, ours, register, file] = recipeBlock('OpenTelemetry').trim().split(' ')
  const hooks = order === 'as the page has it' ? [open, other, ours, register] : [ours, register, open, other]
  const exporters = { OTEL_TRACES_EXPORTER: 'console', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none' }
  // Those for clouds ask an address of the network they are in.
  const env = { ...settings(internet), ...exporters, OTEL_NODE_RESOURCE_DETECTORS: 'env' }
  const args = [...hooks, file].filter((word) => word !== undefined)
  const { code, stdout, stderr } = await runNode(args, { cwd, env })
  expect({ code, stderr, calls: internet.calls.length }).toEqual({ code: 0, stderr: '', calls: 1 })
  expect(stdout.match(/'undici_llm_cache.status': '\w+'/g)).toEqual([
    "'undici_llm_cache.status': 'MISS'",
    "'undici_llm_cache.status': 'HIT'",
  ])
  expect(stdout.match(/name: 'POST'/g)).toHaveLength(1)
  const traceparent = internet.calls[0]?.headers['traceparent']
  expect(stdout).toContain(String(traceparent).split('-')[1])
})

test(
  'the steps of the Dockerfile work in their order, and the next container is answered from the volume',
  async () => {
    const internet = await startInternet()
    const [context, root] = [join(installed.folder, 'image'), join(installed.folder, 'container')]
    const dependencies = { openai: '7.57.0', 'undici-llm-cache': `file:${installed.packed}` }
    const manifest = JSON.stringify({ name: 'image', version: '1.0.0', private: true, dependencies })
    await writeFiles(context, { 'package.json': manifest, 'server.mjs': recipeFile('batch.mjs') })
    await npm(context, 'install', '--package-lock-only')
    await mkdir(root)
    const { cwd, env, command } = await followDockerfile(recipeBlock('Docker'), context, root)
    expect(command[0]).toBe('node')
    for (let i = 0; i < 2; i++) {
      const container = { cwd, env: { ...settings(internet), ...env } }
      expect(await runNode(command.slice(1), container)).toMatchObject({ code: 0, stderr: '' })
    }
    expect(callsOf(internet)).toHaveLength(2)
  },
  LONG,
)
