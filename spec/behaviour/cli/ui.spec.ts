import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { describe, expect, onTestFinished, test } from 'vitest'
import { sqliteStore } from '../../../lib/stores/sqlite.ts'
import { installCache } from '../../support/cache.ts'
import { chat } from '../../support/calls.ts'
import { runCliHere } from '../../support/run-cli.ts'
import { CLI } from '../../support/package.ts'
import { makeFolder } from '../../support/run-node.ts'
import { startProvider } from '../../support/start-provider.ts'

/** A store with one entry that was served twice. */
async function fill(): Promise<string> {
  const path = `${await makeFolder({})}/answers.db`
  const provider = await startProvider()
  const cache = installCache({ hosts: [provider.origin], store: sqliteStore({ path }) })
  for (let n = 0; n < 3; n++) await (await chat(provider.origin)).text()
  await cache.flush()
  await cache.close()
  return path
}

/** The command, once it has printed its address. */
async function start(...args: string[]): Promise<{ readonly ask: Ask; readonly stop: () => Promise<unknown> }> {
  const child = spawn(process.execPath, [CLI, 'ui', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const stop = (): Promise<unknown> => {
    child.kill('SIGTERM')
    return ended
  }
  onTestFinished(() => void child.kill('SIGKILL'))
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string] // as readline gives it
  const url = new URL(line)
  const headers = { authorization: `Bearer ${url.hash.slice(1)}` }
  const ask: Ask = async (path, body) => {
    const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) }
    return (await fetch(new URL(path, url), init)).json()
  }
  return { ask, stop }
}

type Ask = (path: string, body?: object) => Promise<unknown>

describe('ui', () => {
  test('serves what is in a store, and ends by a signal', async () => {
    const { ask, stop } = await start('--store', `sqlite:${await fill()}`)
    expect(await ask('/api/facts')).toEqual({ isLive: false, allowClear: false })
    const group = { hits: 2, unpriced: 0, saved: expect.objectContaining({ outputTokens: 16 }) }
    expect(await ask('/api/stats')).toMatchObject({
      entries: 1,
      ...group,
      byModel: { 'gpt-5.1': group },
      byNamespace: { '': group },
      misses: 1,
      hours: expect.any(Array),
    })
    const { entries } = (await ask('/api/entries')) as { entries: { key: string; hits: number }[] }
    expect(entries).toEqual([expect.objectContaining({ hits: 2 })])
    const key = entries[0]?.key
    expect(await ask('/api/answer', { key })).toEqual({ missing: 'sealed' })
    expect(await ask('/api/answer', { key, credential: 'sk-one' })).toMatchObject({
      answer: { status: 200, finish: ['stop'] },
    })
    expect(await ask('/api/clear', { key })).toEqual({ error: 'the page was opened read-only' })
    expect(await stop()).toEqual([0, null])
  })

  test('clears with --allow-clear', async () => {
    const { ask } = await start('--allow-clear', '--store', `sqlite:${await fill()}`)
    expect(await ask('/api/clear', { all: true })).toEqual({ cleared: 1 })
    expect(await ask('/api/stats')).toMatchObject({ entries: 0 })
  })

  test.for([
    [['ui'], 'no store is named'],
    [['ui', '--store', 'memory'], 'a store in memory ends with its process'],
    [['ui', '--store', 'mysql://x'], '--store must be memory, sqlite:PATH or redis'],
    [['ui', '--store', 'sqlite:x.db', '--port', '99999'], '--port must be a whole number'],
  ] as const)('%s is a wrong command line', async ([args, message]) => {
    const { code, stderr } = await runCliHere(args, { cwd: await makeFolder({}) })
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})
