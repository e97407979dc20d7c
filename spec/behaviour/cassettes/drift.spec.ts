import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openCassette } from '../../../lib/cassette.ts'
import { cassettePath, chat, entriesOf, insert, messageOf, withCassette } from '../../support/cassette.ts'
import { startProvider } from '../../support/start-provider.ts'

/** A cassette with one answer for each model, and what it takes to replay them. */
async function recorded(...models: string[]): Promise<{ path: string; origin: string; calls: readonly unknown[] }> {
  const { origin, calls } = await startProvider()
  const path = cassettePath()
  await withCassette(path, { mode: 'once', hosts: [origin] }, async () => {
    for (const model of models) await (await chat(origin, { model })).text()
  })
  return { path, origin, calls }
}

/** Makes a cassette's entries that much older. */
async function age(path: string, seconds: number): Promise<void> {
  const then = new Date(Date.now() - seconds * 1000).toISOString()
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll(/"recordedAt":"[^"]*"/g, `"recordedAt":"${then}"`))
}

describe('entries that no call used', () => {
  test('are listed by unused(), and in a warning when the cassette is closed', async () => {
    const { path, origin } = await recorded('gpt-5', 'gpt-4')
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const cassette = await insert(path, { mode: 'none', hosts: [origin] })
    expect(cassette.unused()).toHaveLength(2)
    await chat(origin, { model: 'gpt-5' })
    const left = (await entriesOf(path)).find(({ request }) => JSON.stringify(request.json).includes('gpt-4'))
    const { method, url, key, ordinal } = left ?? {}
    expect(cassette.unused()).toEqual([{ method, url, key, ordinal }])
    await cassette.close()
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      `${path}: no call used POST ${url} (key ${key}, ordinal 0); \`prune: true\` (LLM_CACHE_CASSETTE_PRUNE=1) removes them`,
      { type: 'LlmCacheWarning', code: 'LLM_CACHE_CASSETTE_UNUSED' },
    )
  })

  test('are no matter of a test that failed', async () => {
    const { path, origin } = await recorded('gpt-5')
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const cassette = await insert(path, { mode: 'none', hosts: [origin], prune: true })
    cassette.discard()
    await cassette.close()
    expect(warn).not.toHaveBeenCalled()
    expect(await entriesOf(path)).toHaveLength(1)
  })

  test.for([
    ['prune', { prune: true }, ''],
    ['LLM_CACHE_CASSETTE_PRUNE=1', {}, '1'],
  ] as const)('are removed by %s, the others stay as they are', async ([, options, variable]) => {
    const { path, origin } = await recorded('gpt-5', 'gpt-4')
    const lines = (await readFile(path, 'utf8')).split('\n')
    vi.stubEnv('LLM_CACHE_CASSETTE_PRUNE', variable)
    await withCassette(path, { mode: 'none', hosts: [origin], ...options }, () => chat(origin, { model: 'gpt-5' }))
    vi.unstubAllEnvs()
    expect((await readFile(path, 'utf8')).split('\n')).toEqual(
      lines.filter((line) => !line.includes('"model":"gpt-4","messages"')),
    )
  })
})

describe('an entry older than maxAge', () => {
  test('counts as missing, and the miss says how old it is', async () => {
    const { path, origin, calls } = await recorded('gpt-5')
    await age(path, 5000)
    const options = { mode: 'none', hosts: [origin], maxAge: 3600 } as const
    const answer = await withCassette(path, options, () => chat(origin, { model: 'gpt-5' }))
    expect(await messageOf(answer)).toMatch(/The recorded one is 500\d s old, and maxAge is 3600 s\./)
    expect(calls).toHaveLength(1)
    expect(
      (await withCassette(path, { ...options, maxAge: 6000 }, () => chat(origin, { model: 'gpt-5' }))).status,
    ).toBe(200)
  })

  test('counts as missing from the first millisecond on, and is told to be older than maxAge', async () => {
    const { path, origin } = await recorded('gpt-5')
    vi.useFakeTimers({ toFake: ['Date'] })
    onTestFinished(() => void vi.useRealTimers())
    await age(path, 1)
    const options = { mode: 'none', hosts: [origin], maxAge: 1 } as const
    const ask = (): Promise<Response> => withCassette(path, options, () => chat(origin, { model: 'gpt-5' }))
    expect((await ask()).status).toBe(200)
    vi.setSystemTime(Date.now() + 1)
    expect(await messageOf(await ask())).toContain('The recorded one is 2 s old, and maxAge is 1 s.')
  })

  test('is recorded again by the mode new', async () => {
    const { path, origin } = await recorded('gpt-5')
    await age(path, 5000)
    const [old] = await entriesOf(path)
    await withCassette(path, { mode: 'new', hosts: [origin], maxAge: 3600 }, () => chat(origin, { model: 'gpt-5' }))
    const entries = await entriesOf(path)
    expect(entries).toHaveLength(1)
    expect(entries[0]?.ordinal).toBe(0)
    expect(entries[0]?.response.json).not.toEqual(old?.response.json)
  })
})

test('a replay changes nothing in the file', async () => {
  const { path, origin } = await recorded('gpt-5')
  const before = await readFile(path)
  await withCassette(path, { mode: 'new', hosts: [origin] }, () => chat(origin, { model: 'gpt-5' }))
  expect(await readFile(path)).toEqual(before)
})

test('what another process saved meanwhile stays', async () => {
  const { path, origin } = await recorded('gpt-5')
  const first = await openCassette(path, { mode: 'new', hosts: [origin] })
  const remove = first.install()
  await (await chat(origin, { model: 'gpt-4' })).text()
  remove()
  await withCassette(path, { mode: 'new', hosts: [origin] }, async () => (await chat(origin, { model: 'o3' })).text())
  await first.close()
  expect(await entriesOf(path)).toHaveLength(3)
})

test('of two processes that record the same call at the same time, the first one to save is kept', async () => {
  const { origin } = await startProvider()
  const path = cassettePath()
  const sessions = [
    await openCassette(path, { mode: 'new', hosts: [origin] }),
    await openCassette(path, { mode: 'new', hosts: [origin] }),
  ]
  const answers: string[] = []
  for (const session of sessions) {
    const remove = session.install()
    answers.push(await (await chat(origin)).text())
    remove()
  }
  for (const session of sessions) await session.close()
  const replayed = await withCassette(path, { mode: 'none', hosts: [origin] }, async () => (await chat(origin)).text())
  expect(await entriesOf(path)).toHaveLength(1)
  expect(replayed).toBe(answers[0])
})
