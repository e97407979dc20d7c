import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { within } from '../../base/promises.ts'
import { showNumberOf, showSeconds } from '../../base/units.ts'
import { errorWords } from '../../stores/error-words.ts'
import type { OpenCache } from '../open-cache.ts'
import type { Finding } from './finding.ts'

/** What was found about a store. */
export interface StoreFindings {
  readonly findings: readonly Finding[]
  /** When its newest entry was stored, in milliseconds since the epoch. */
  readonly newest: number | undefined
  /** The clock of its server, in milliseconds since the epoch; `undefined` if there is no server. */
  readonly serverTime: number | undefined
}

const check = 'store'

/** Checks whether a store answers, what is in it, and who may read its file. */
export async function checkStore({ store, address, serverTime, isClusterNode }: OpenCache): Promise<StoreFindings> {
  try {
    const startedAt = performance.now()
    const time = await within(PATIENCE, serverTime())
    const delay = performance.now() - startedAt
    if (await within(PATIENCE, isClusterNode())) return { findings: [ofCluster], newest: undefined, serverTime: time }
    let [count, newest] = [0, 0]
    for await (const { storedAt } of store.entries()) {
      count++
      newest = Math.max(newest, storedAt)
    }
    const answers = time === undefined ? '' : `, answers in ${showSeconds(delay / 1000)}`
    const text = `${address.kind}: ${showNumberOf(count, 'entry', 'entries')}${answers}`
    const found: Finding = { level: 'ok', check, text }
    const slow = time !== undefined && delay > SLOW ? [tooSlow(delay)] : []
    return {
      findings: [found, ...slow, ...checkMode(address.kind === 'sqlite' ? resolve(address.path) : undefined)],
      newest: count === 0 ? undefined : newest,
      serverTime: time,
    }
  } catch (error) {
    return { findings: [failed(address.kind, error)], newest: undefined, serverTime: undefined }
  }
}

/** Milliseconds to wait for a server's answer; an app's lookups wait for a hundredth of that. */
const PATIENCE = 5_000

const ofCluster: Finding = {
  level: 'fail',
  check,
  text: 'redis is a node of a cluster: a connection by address reaches the keys of that node alone',
  remedy: 'give redisStore a client of the cluster: option store, also in the file that LLM_CACHE_CONFIG names',
}

/** Milliseconds: the default of `storeTimeout`, after which a lookup goes on without the store. */
const SLOW = 50

function tooSlow(delay: number): Finding {
  const remedy = 'raise storeTimeout (LLM_CACHE_CONFIG), unless this was the first connection'
  return { level: 'warn', check, text: `${showSeconds(delay / 1000)} is more than a lookup waits`, remedy }
}

function checkMode(path: string | undefined): Finding[] {
  const mode = path === undefined || process.platform === 'win32' ? 0 : statSync(path).mode & 0o077
  if (mode === 0) return []
  return [{ level: 'warn', check, text: 'others than its user may open the file', remedy: `chmod 600 ${path}` }]
}

function failed(kind: string, error: unknown): Finding {
  const remedy =
    kind === 'redis' ? 'check address, password and network; meanwhile memory serves alone' : 'move the file away'
  return { level: 'fail', check, text: `${kind} does not answer (${errorWords(error)})`, remedy }
}
