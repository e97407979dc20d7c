import { readFile, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { fetch as undiciFetch, setGlobalDispatcher, Agent, SnapshotAgent } from 'undici'
import { describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { cassettePath, chat, entriesOf, withCassette } from '../../support/cassette.ts'
import { runCli, runCliHere } from '../../support/run-cli.ts'
import { startProvider } from '../../support/start-provider.ts'

const OPENAI = 'https://api.openai.com'
const BODY = JSON.stringify({ model: 'gpt-5', messages: [{ role: 'user', content: 'Hi' }] })
const ANSWER = { id: 'chatcmpl-1', choices: [{ index: 0, message: { content: 'Hello' }, finish_reason: 'stop' }] }

/** Imports a recording, and gives what a chat call is answered from it. */
async function replayed(recording: string, flags: readonly string[] = []): Promise<{ path: string; answer: string }> {
  const source = cassettePath('source.txt')
  const path = cassettePath()
  await writeFile(source, recording)
  const { code, stderr } = await runCliHere(['cassette', 'import', source, '--out', path, ...flags])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const answer = await withCassette(path, { mode: 'none' }, async () => (await chat(OPENAI)).text())
  return { path, answer }
}

test("what undici's SnapshotAgent has recorded is replayed, streams and sequences too", async () => {
  const { origin } = await startProvider()
  const snapshots = cassettePath('snapshots.json')
  const agent = new SnapshotAgent({ mode: 'record', snapshotPath: snapshots })
  setGlobalDispatcher(agent)
  onTestFinished(() => setGlobalDispatcher(new Agent()))
  const ask = async (body: object): Promise<string> => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    return (await undiciFetch(`${origin}/v1/chat/completions`, init)).text()
  }
  const all = async (): Promise<string[]> => [
    await ask({ model: 'gpt-5', messages: [] }),
    await ask({ model: 'gpt-5', messages: [] }),
    await ask({ model: 'gpt-5', messages: [], stream: true }),
  ]
  const recorded = await all()
  await agent.saveSnapshots()
  await agent.close()
  setGlobalDispatcher(new Agent())
  const path = cassettePath()
  expect((await runCli(['cassette', 'import', snapshots, '--out', path, '--host', origin])).stderr).toBe('')
  expect(await withCassette(path, { mode: 'none', hosts: [origin] }, all)).toEqual(recorded)
})

describe('a YAML cassette of VCR.py', () => {
  const vcr = (request: object, response: object): string =>
    stringify(
      {
        interactions: [
          {
            request: {
              method: 'POST',
              uri: `${OPENAI}/v1/chat/completions`,
              headers: { 'content-type': ['application/json'], authorization: ['Bearer sk-one'], cookie: ['a=b'] },
              ...request,
            },
            response: { status: { code: 200, message: 'OK' }, ...response },
          },
        ],
        version: 1,
      },
      { version: '1.1' },
    )

  test('with texts', async () => {
    const text = JSON.stringify(ANSWER, undefined, 2)
    const source = vcr({ body: BODY }, { body: { string: text }, headers: { 'Content-Type': ['application/json'] } })
    const { path, answer } = await replayed(source)
    expect(answer).toBe(text)
    expect(await readFile(path, 'utf8')).not.toMatch(/sk-one|a=b/)
  })

  test('with compressed bytes', async () => {
    const string = gzipSync(JSON.stringify(ANSWER))
    const headers = { 'Content-Type': ['application/json'], 'Content-Encoding': ['gzip'] }
    const { path, answer } = await replayed(vcr({ body: BODY }, { body: { string }, headers }))
    expect(JSON.parse(answer)).toEqual(ANSWER)
    expect((await entriesOf(path))[0]?.response.json).toEqual(ANSWER)
  })

  test('with parsed bodies, as some serializers write them', async () => {
    const headers = { 'content-type': ['application/json'], 'content-encoding': ['gzip'] }
    const { answer } = await replayed(vcr({ parsed_body: JSON.parse(BODY) }, { parsed_body: ANSWER, headers }))
    expect(JSON.parse(answer)).toEqual(ANSWER)
  })

  test('with a stream, event by event', async () => {
    const string = 'data: {"choices":[{"delta":{"content":"Hello"}}]}\n\ndata: [DONE]\n\n'
    const headers = { 'content-type': ['text/event-stream'] }
    const { path, answer } = await replayed(vcr({ body: BODY }, { body: { string }, headers }))
    expect(answer).toBe(string)
    expect((await entriesOf(path))[0]?.response.events).toHaveLength(2)
  })
})

test("a cassette of Ruby's VCR is replayed", async () => {
  const request = {
    method: 'post',
    uri: `${OPENAI}/v1/chat/completions`,
    body: { encoding: 'UTF-8', string: BODY },
    headers: { 'Content-Type': ['application/json'], Authorization: ['Bearer sk-one'] },
  }
  const response = {
    status: { code: 200, message: 'OK' },
    headers: { 'Content-Type': ['application/json'] },
    body: { encoding: 'UTF-8', base64_string: Buffer.from(JSON.stringify(ANSWER)).toString('base64') },
  }
  const recorded_at = 'Tue, 01 Nov 2022 04:58:44 GMT'
  const { path, answer } = await replayed(stringify({ http_interactions: [{ request, response, recorded_at }] }))
  expect(JSON.parse(answer)).toEqual(ANSWER)
  expect((await entriesOf(path))[0]?.recordedAt).toBe('2022-11-01T04:58:44.000Z')
})

describe('an HTTP archive', () => {
  const archive = (...urls: string[]): string =>
    JSON.stringify({
      log: {
        entries: urls.map((url) => ({
          startedDateTime: '2026-01-02T03:04:05.000Z',
          request: {
            method: 'POST',
            url,
            headers: [
              { name: ':authority', value: 'api.openai.com' },
              { name: 'content-type', value: 'application/json' },
              { name: 'authorization', value: 'Bearer sk-one' },
            ],
            postData: { mimeType: 'application/json', text: BODY },
          },
          response: {
            status: 200,
            statusText: 'OK',
            headers: [
              { name: 'content-type', value: 'application/json' },
              { name: 'content-encoding', value: 'br' },
            ],
            content: { text: JSON.stringify(ANSWER) },
          },
        })),
      },
    })

  test('is replayed', async () => {
    const { answer } = await replayed(archive(`${OPENAI}/v1/chat/completions`))
    expect(JSON.parse(answer)).toEqual(ANSWER)
  })

  test('gives its LLM calls, and those to the origins of --also', async () => {
    const source = cassettePath('calls.har')
    await writeFile(
      source,
      archive(`${OPENAI}/v1/chat/completions`, 'https://a.example.com/', 'https://b.example.com/'),
    )
    const path = cassettePath()
    const args = ['cassette', 'import', source, '--out', path, '--also', 'https://a.example.com']
    const { code, stdout, stderr } = await runCliHere(args)
    expect({ code, stdout }).toEqual({ code: 0, stdout: `2 answers in ${path}\n` })
    expect(stderr).toBe('left out: calls to other hosts (1); --also ORIGIN takes them in\n')
    expect((await entriesOf(path)).map(({ url }) => url)).toEqual([
      'https://a.example.com/',
      `${OPENAI}/v1/chat/completions`,
    ])
  })

  test('whose answer holds a secret is imported without it', async () => {
    const key = ['sk', 'ant', 'api03', 'abcdefgh0123456789'].join('-')
    const source = cassettePath('calls.har')
    const text = archive(`${OPENAI}/v1/chat/completions`, `${OPENAI}/v1/embeddings`)
    await writeFile(source, text.replace('Hello', key))
    const path = cassettePath()
    const { code, stderr } = await runCliHere(['cassette', 'import', source, '--out', path])
    expect(code).toBe(1)
    expect(stderr).toMatch(/^left out: .*\/v1\/chat\/completions: response\.json\.\S+ looks like an Anthropic key\n$/)
    expect(await readFile(path, 'utf8')).not.toContain(key)
    expect(await entriesOf(path)).toHaveLength(1)
  })
})

test('an import never writes over a file, and says what it can not read', async () => {
  const source = cassettePath('source.txt')
  const path = cassettePath()
  await writeFile(source, 'just: a\nyaml: file\n')
  const unknown = await runCliHere(['cassette', 'import', source, '--out', path])
  expect({ code: unknown.code, stderr: unknown.stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^undici-llm-cache: This is no recording of a kind that is known/),
  })
  // JSON Lines: neither JSON nor YAML.
  await writeFile(source, '{"a":"a secret question"}\n{"b":2}\n')
  const { stderr } = await runCli(['cassette', 'import', source, '--out', path])
  expect(stderr).toMatch(/^undici-llm-cache: This is no recording of a kind that is known.*\n$/)
  await writeFile(source, JSON.stringify({ log: { entries: [] } }))
  await writeFile(path, 'mine')
  const taken = await runCliHere(['cassette', 'import', source, '--out', path])
  expect(taken.code).toBe(1)
  expect(await readFile(path, 'utf8')).toBe('mine')
})
