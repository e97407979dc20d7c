import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startProvider } from '../support/start-provider.ts'
import { REGISTER } from '../support/package.ts'
import { childEnv, makeFolder, runNode } from '../support/run-node.ts'

const APP = `
const call = async (headers = {}, fields = {}) => {
  const response = await fetch(process.env.ORIGIN + '/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-secret', ...headers },
    body: JSON.stringify({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'a secret prompt' }], ...fields }),
  })
  await response.text()
}
await call()
await call()
await call({ 'x-llm-cache': 'bypass' })
await call({}, { stream: true })
await Promise.all([call({}, { seed: 1 }), call({}, { seed: 1 })])
await fetch(process.env.ORIGIN + '/v1/files', { method: 'POST' })
await fetch(process.env.ORIGIN + '/v1/files', { method: 'POST' })
`

async function runApp(format: string, app = APP, env: Record<string, string> = {}): Promise<string[]> {
  const { origin } = await startProvider()
  const cwd = await makeFolder({ 'app.mjs': app })
  const known = { ORIGIN: origin, LLM_CACHE_HOSTS: origin, LLM_CACHE_LOG: format, ...env }
  const { stdout, stderr } = await runNode(['--import', REGISTER, 'app.mjs'], { cwd, env: known })
  expect(stdout + stderr).not.toContain('secret')
  return stderr.trimEnd().split('\n')
}

describe('LLM_CACHE_LOG', () => {
  test('=1 writes one line a call, and a summary at the end', async () => {
    const time = String.raw`\d+(\.\d+)? m?s`
    const cost = String.raw`\d+ tokens, \$0\.\d+`
    const expected = [
      `MISS gpt-5.1 chat ${time} · ${cost}`,
      `HIT gpt-5.1 chat ${time} · saved ${time}, ${cost}`,
      `BYPASS chat ${time} · header`,
      `MISS gpt-5.1 chat ${time}`,
      `COALESCED gpt-5.1 chat ${time}`,
      `MISS gpt-5.1 chat ${time} · ${cost}`,
      String.raw`UNMATCHED 127\.0\.0\.1:\d+ · endpoint`,
      `undici-llm-cache: 6 calls: 1 hit, 1 coalesced, 3 misses, 1 bypass · saved ${time}, ${cost}`,
    ]
    // What ended is judged within 10 ms: such a line may come after the next one.
    const lines = await runApp('1')
    expect(lines).toHaveLength(expected.length)
    for (const line of expected) expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${line}$`)))
    expect(lines.at(-1)).toContain('undici-llm-cache: 6 calls')
  })

  test('=1 gives advice on the prompt cache of the provider once a model, without a word of the prompt', async () => {
    const marked = `[{ type: 'text', text: 'secret', cache_control: { type: 'ephemeral' } }]`
    const app = `${APP.slice(0, APP.indexOf('await call()'))}
      for (const seed of [1, 2, 3]) await call({}, { model: 'claude-opus-4-5', seed, messages: [{ role: 'user', content: ${marked} }] })
    `
    const lines = await runApp('1', app)
    const advice = lines.filter((line) => line.startsWith('ADVICE'))
    expect(advice).toEqual([
      expect.stringMatching(/^ADVICE claude-opus-4-5 · a breakpoint .* \(an estimate.*\(https:.*\)$/),
    ])
  })

  test('=json writes one object a line, the summary last', async () => {
    const lines = (await runApp('json')).map((line): Record<string, unknown> => JSON.parse(line))
    expect(lines[1]).toEqual({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      status: 'HIT',
      provider: 'local',
      endpoint: '/v1/chat/completions',
      model: 'gpt-5.1',
      key: expect.stringMatching(/^[0-9a-f]{64}$/),
      duration: expect.any(Number),
      savedTime: expect.any(Number),
      inputTokens: expect.any(Number),
      outputTokens: expect.any(Number),
      cachedTokens: 0,
      cost: expect.any(Number),
    })
    expect(lines.at(-1)).toMatchObject({ summary: { hits: 1, misses: 3, bypasses: { header: 1 } } })
  })

  test('has no colours in a pipe, and colours where they are forced', async () => {
    const coloured = await runApp('1', APP, { FORCE_COLOR: '1' })
    expect(coloured[0]).toContain(`\u001b[33mMISS`)
    expect((await runApp('1', APP, { NO_COLOR: '1' })).join()).not.toContain('\u001b')
  })

  test('says nothing of a process that makes no call', async () => {
    expect(await runApp('1', 'console.log(1)')).toEqual([''])
  })

  test('writes the summary when a signal ends the process, which still ends by it', async () => {
    const { origin } = await startProvider()
    const cwd = await makeFolder({ 'app.mjs': `${APP}\nconsole.log('up'); setInterval(() => {}, 1e6)` })
    const env = childEnv({ ORIGIN: origin, LLM_CACHE_HOSTS: origin, LLM_CACHE_LOG: '1' })
    const child = spawn(process.execPath, ['--import', REGISTER, 'app.mjs'], { cwd, env })
    onTestFinished(() => void child.kill('SIGKILL'))
    const errors: Buffer[] = []
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    await once(child.stdout, 'data')
    child.kill('SIGINT')
    const [code, signal]: unknown[] = await once(child, 'close')
    expect([code, signal]).toEqual([null, 'SIGINT'])
    expect(Buffer.concat(errors).toString()).toContain('6 calls')
  })

  test("leaves the app's own listener the last word on a signal", async () => {
    const app = `
      ${APP}
      process.on('SIGTERM', () => setTimeout(() => process.exit(0), 10))
      process.kill(process.pid, 'SIGTERM')
      setInterval(() => {}, 1e6)`
    expect((await runApp('1', app)).filter((line) => line.includes('6 calls'))).toHaveLength(1)
  })

  test('does not end an app whose stderr nobody reads any more', async () => {
    const { origin } = await startProvider()
    const cwd = await makeFolder({ 'app.mjs': `${APP}\nconsole.log('done')` })
    const env = childEnv({ ORIGIN: origin, LLM_CACHE_HOSTS: origin, LLM_CACHE_LOG: '1' })
    const child = spawn(process.execPath, ['--import', REGISTER, 'app.mjs'], { cwd, env })
    child.stderr.destroy()
    const said: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
    const [code]: unknown[] = await once(child, 'close')
    expect([code, Buffer.concat(said).toString()]).toEqual([0, 'done\n'])
  })
})

const TRACED = `
for (let n = 0; n < 12; n++) {
  const response = await fetch(process.env.ORIGIN + '/v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer sk-secret' },
    body: JSON.stringify({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'a secret' }], metadata: { trace: n } }),
  })
  await response.text()
}
`

test('LLM_CACHE_EXPLAIN=1 has each miss say why, and the summary which option would make hits of them', async () => {
  const lines = await runApp('1', TRACED, { LLM_CACHE_EXPLAIN: '1' })
  expect(lines.filter((line) => line.endsWith(' · differs: body metadata.trace'))).toHaveLength(11)
  expect(lines.at(-1)).toContain(
    "body metadata.trace differs in 100 % of misses; if it never changes the answer: option ignoreFields: ['metadata.trace']",
  )
})
