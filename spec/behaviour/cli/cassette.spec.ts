import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { CassetteEntry } from '../../../lib/cassette.ts'
import { EntryLine, newHeader, writeCassetteText } from '../../../lib/cassettes/file-format.ts'
import { cassettePath, chat, entriesOf, withCassette } from '../../support/cassette.ts'
import { runCli, runCliHere } from '../../support/run-cli.ts'
import { startProvider } from '../../support/start-provider.ts'

/** A cassette with one answer, and one stream. */
async function recorded(): Promise<string> {
  const { origin } = await startProvider()
  const path = cassettePath()
  await withCassette(path, { mode: 'once', hosts: [origin] }, async () => {
    await (await chat(origin)).text()
    await (await chat(origin, { model: 'gpt-4', stream: true })).text()
  })
  return path
}

/** The same cassette with its entries changed. */
async function changed(path: string, change: (entry: CassetteEntry) => CassetteEntry | undefined): Promise<string> {
  const other = cassettePath('changed.jsonl')
  const entries = (await entriesOf(path)).flatMap((entry) => change(entry) ?? [])
  await writeFile(other, writeCassetteText(newHeader('2026-01-01T00:00:00.000Z', '0'), entries.map(EntryLine.of)))
  return other
}

test('ls lists what a cassette holds, a line an entry', async () => {
  const path = await recorded()
  const [entry] = await entriesOf(path)
  const { code, stdout } = await runCli(['cassette', 'ls', path])
  expect(code).toBe(0)
  expect(stdout).toMatch(new RegExp(`${entry?.key}.* 0 .*200 .*gpt-.*POST http.*/v1/chat/completions`))
  const { stdout: json } = await runCli(['cassette', 'ls', '--json', path])
  expect(JSON.parse(json)).toHaveLength(2)
})

describe('show', () => {
  test('prints one call and its answer, a stream as its text', async () => {
    const path = await recorded()
    const stream = (await entriesOf(path)).find(({ response }) => response.events !== undefined)
    const { code, stdout } = await runCliHere(['cassette', 'show', path, stream?.key.slice(0, 6) ?? ''])
    expect(code).toBe(0)
    expect(stdout).toContain('"model": "gpt-4"')
    expect(stdout).toMatch(/^status 200$/m)
    expect(stdout).toMatch(/^choices\[0\]\.delta\.content: (\S+ ){8}$/m)
  })

  test('says so where there is no such key', async () => {
    const { code, stderr } = await runCliHere(['cassette', 'show', await recorded(), 'ffffffffffff'])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('has no entry whose key begins with') })
  })
})

describe('diff', () => {
  const differences = async (
    change: (entry: CassetteEntry) => CassetteEntry | undefined,
  ): Promise<[number | null, object[]]> => {
    const path = await recorded()
    const { code, stdout } = await runCliHere(['cassette', 'diff', '--json', path, await changed(path, change)])
    return [code, JSON.parse(stdout).changes]
  }

  const inAnswer =
    (change: (text: string) => string) =>
    (entry: CassetteEntry): CassetteEntry => ({
      ...entry,
      response: JSON.parse(change(JSON.stringify(entry.response))),
    })

  test('exits 0 where only ids, times and volatile headers differ', async () => {
    const change = inAnswer((text) =>
      text
        .replaceAll('chatcmpl-', 'chatcmpl-other-')
        .replaceAll(/"created":\d+/g, '"created":1')
        .replaceAll('req_loopback', 'req_other')
        .replaceAll(/"date":"[^"]*"/g, '"date":"Thu, 01 Jan 2026 00:00:00 GMT"'),
    )
    expect(await differences(change)).toEqual([0, []])
  })

  test('exits 0 where a stream only came in other pieces', async () => {
    const path = await recorded()
    const other = await changed(path, (entry) => {
      const { events } = entry.response
      if (events === undefined) return entry
      // The second half of each text in an event of its own.
      const cut = events.flatMap((event) => {
        const text = /"content":"([^"]+)"/.exec(JSON.stringify(event))?.[1]
        if (text === undefined) return [event]
        const pieces = [text.slice(0, 2), text.slice(2)]
        return pieces.map((piece) =>
          JSON.parse(JSON.stringify(event).replace(`"content":"${text}"`, `"content":"${piece}"`)),
        )
      })
      return { ...entry, response: { ...entry.response, events: cut } }
    })
    const { code, stdout } = await runCliHere(['cassette', 'diff', path, other])
    expect([code, stdout]).toEqual([0, 'no difference; 2 entries are the same\n'])
  })

  test('exits 1, and lists the worst first: an entry that is gone, a status, a tool call, a text, the rest', async () => {
    const { origin } = await startProvider()
    const path = cassettePath()
    const tools = [{ type: 'function', function: { name: 'look_up', parameters: { type: 'object', properties: {} } } }]
    const models = ['gone', 'status', 'tool', 'text', 'rest']
    await withCassette(path, { mode: 'once', hosts: [origin] }, async () => {
      for (const model of models) await (await chat(origin, { model, ...(model === 'tool' && { tools }) })).text()
    })
    const other = await changed(path, (entry) => {
      const model = /"model":"(\w+)"/.exec(JSON.stringify(entry.request))?.[1]
      if (model === 'gone') return undefined
      if (model === 'status') return { ...entry, response: { ...entry.response, status: 503 } }
      if (model === 'tool')
        return inAnswer((text) => text.replace(/"arguments":"(?:[^"\\]|\\.)*"/, '"arguments":"{}"'))(entry)
      if (model === 'text') return inAnswer((text) => text.replace(/"content":"\w+/, '"content":"other'))(entry)
      return inAnswer((text) => text.replace('"finish_reason":"stop"', '"finish_reason":"length"'))(entry)
    })
    const { code, stdout } = await runCliHere(['cassette', 'diff', path, other])
    expect(code).toBe(1)
    expect(stdout.match(/^(missing|new|status|tool calls|text|other)/gm)).toEqual([
      'missing',
      'status',
      'tool calls',
      'text',
      'other',
    ])
    const told: { changes: { name: object }[] } = JSON.parse(
      (await runCli(['cassette', 'diff', '--json', path, other])).stdout,
    )
    expect(told.changes.map(({ name }) => Object.keys(name))).toEqual(
      Array.from({ length: 5 }, () => ['method', 'url', 'key', 'ordinal']),
    )
    expect(stdout).toMatch(/\+ "other /)
    expect(stdout).toMatch(/^5 differences; 0 entries are the same$/m)
  })
})

describe('check', () => {
  test('passes a cassette that may be committed', async () => {
    expect(await runCli(['cassette', 'check', await recorded()])).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  test('names each secret, each entry that is too old and each broken line, and exits 1', async () => {
    const path = await recorded()
    const key = ['sk', 'ant', 'api03', 'abcdefgh0123456789'].join('-')
    await writeFile(path, (await readFile(path, 'utf8')).replace('"content":"Hi"', `"content":"${key}"`))
    const secret = await runCliHere(['cassette', 'check', path])
    expect(secret.code).toBe(1)
    expect(secret.stdout).toMatch(/^\S+:\d: request\.json\.messages\[0\]\.content looks like an Anthropic key\n$/)
    expect(secret.stdout).not.toContain(key)

    const old = await changed(await recorded(), (entry) => ({ ...entry, recordedAt: '2020-01-01T00:00:00.000Z' }))
    const aged = await runCliHere(['cassette', 'check', '--max-age', '3600', old])
    expect([aged.code, aged.stdout.match(/ s old$/gm)?.length]).toEqual([1, 2])

    const broken = cassettePath('broken.jsonl')
    await writeFile(broken, '<<<<<<< HEAD\n')
    expect(await runCliHere(['cassette', 'check', broken, path])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^\S+broken\.jsonl:1 is no cassette header.*\n\S+:\d: request/),
    })
  })

  test('exits 2 where an age can not be read', async () => {
    expect((await runCliHere(['cassette', 'check', '--max-age', 'soon', 'x.jsonl'])).code).toBe(2)
  })
})
