import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { expect, onTestFinished, test } from 'vitest'
import { sqliteStore } from '../../lib/stores/sqlite.ts'
import type { Question } from '../../lib/stores/question.ts'
import { CALLER, killedEntry, killedQuestion } from '../support/killed-entry.ts'
import { makeFolder } from '../support/run-node.ts'
import { startProvider } from '../support/start-provider.ts'
import type { Confirmed } from '../support/store-and-be-killed.ts'
import { startStoreProcess, type StoreProcess } from '../support/store-process.ts'

const CHILD = fileURLToPath(new URL('../support/store-and-be-killed.ts', import.meta.url))
const KILLS = 200
/** Numbers of entries that each process has for itself. */
const ROOM = 1_000_000

test(
  'killed at 200 moments, a process loses nothing that a flush confirmed, and damages nothing',
  { timeout: 900_000 },
  async () => {
    const path = join(await makeFolder({}), 'cache.db')
    const random = xoroshiro128plus(200)
    let confirmed = 0
    for (let kill = 0; kill < KILLS; kill++) {
      const child = fork(CHILD, [path, String(kill * ROOM)], { execArgv: [] })
      onTestFinished(() => void child.kill('SIGKILL'))
      const told = await killAfter(child, uniformInt(random, 0, 60))
      confirmed += told.length
      await expectConfirmed(path, told)
      if (kill % 20 === 19) expectSound(path)
    }
    expect(confirmed).toBeGreaterThan(KILLS)
  },
)

test('processes on one file are not harmed by one that is killed again and again', async () => {
  const provider = await startProvider()
  const path = join(await makeFolder({}), 'cache.db')
  const start = (): Promise<StoreProcess> => startStoreProcess({ path, origin: provider.origin })
  const stays = await start()
  for (let round = 0; round < 5; round++) {
    const dies = await start()
    await dies.ask({ do: 'call', seed: round })
    await dies.ask({ do: 'flush' })
    const running = Array.from({ length: 20 }, (_, at) => dies.ask({ do: 'call', seed: 1000 + round * 20 + at }))
    await Promise.any(running)
    dies.child.kill('SIGKILL')
    await Promise.allSettled(running)
    await dies.ended
    expect(await stays.ask({ do: 'call', seed: round })).toMatchObject({ status: 'HIT' })
    // What the killed one has sent may still arrive: only calls for this answer count.
    const seeds = provider.calls.map(({ body }): unknown => JSON.parse(body.toString()).seed)
    expect(seeds.filter((seed) => seed === round)).toHaveLength(1)
  }
})

/** Kills it so many milliseconds after its first flush. A moment, not something that is waited for. */
async function killAfter(child: ChildProcess, milliseconds: number): Promise<Confirmed[]> {
  const told: Confirmed[] = []
  child.on('message', (message: Confirmed) => void told.push(message))
  await once(child, 'message')
  await pause(milliseconds)
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  return told
}

async function expectConfirmed(path: string, told: readonly Confirmed[]): Promise<void> {
  const store = sqliteStore({ path })
  for (const { stored, removed } of told) {
    for (const serial of stored) {
      expect(await bytesOf(serial)).toBe(Buffer.from(killedEntry(serial).body).toString('latin1'))
      expect(await questionsOf(serial)).toMatchObject([{ text: `question ${serial}`, vector: { 255: serial % 1000 } }])
    }
    for (const serial of removed) {
      expect(await bytesOf(serial)).toBeUndefined()
      expect(await questionsOf(serial)).toEqual([])
    }
  }
  await store.close()

  async function questionsOf(serial: number): Promise<readonly Question[]> {
    const all = { after: undefined, before: undefined }
    return (await store.questions?.read(killedQuestion(serial).partition, all, CALLER))?.questions ?? []
  }

  async function bytesOf(serial: number): Promise<string | undefined> {
    const entry = await store.get(killedEntry(serial).key, CALLER)
    return entry && Buffer.from(entry.body).toString('latin1')
  }
}

function expectSound(path: string): void {
  const db = new DatabaseSync(path)
  expect(db.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  const orphans = 'SELECT count(*) AS count FROM payloads WHERE id NOT IN (SELECT id FROM entries)'
  expect(db.prepare(orphans).get()).toEqual({ count: 0 })
  const questions = 'SELECT count(*) AS count FROM questions WHERE entry NOT IN (SELECT id FROM entries)'
  expect(db.prepare(questions).get()).toEqual({ count: 0 })
  db.close()
}
