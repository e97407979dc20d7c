import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HEADERS, PATH } from '../doors.ts'
import type { Peer } from './peer.ts'

/** What is used of it: https://github.com/promptfoo/promptfoo/blob/main/src/cache.ts */
interface Promptfoo {
  readonly cache: {
    fetchWithCache(url: string, init: RequestInit, timeout: number, format: 'text'): Promise<{ readonly data: string }>
  }
}

const NAME = 'promptfoo'
const TIMEOUT = 10_000

/** The cache of an evaluation tool for prompts. */
export const promptfoo: Peer = {
  name: 'promptfoo fetchWithCache',
  note: 'a function of its own in place of fetch; gives text, here as bytes',
  gives: 'bytes',
  needs: NAME,
  async open({ origin }) {
    const folder = await mkdtemp(join(tmpdir(), 'bench-promptfoo-'))
    Object.assign(process.env, {
      PROMPTFOO_CACHE_TYPE: 'memory',
      PROMPTFOO_CONFIG_DIR: folder,
      PROMPTFOO_DISABLE_TELEMETRY: '1',
      PROMPTFOO_DISABLE_UPDATE: '1',
    })
    // No dependency, so that it has no type here.
    const { cache } = (await import(NAME)) as Promptfoo
    return {
      async call(parameters) {
        const init = { method: 'POST', headers: HEADERS, body: JSON.stringify(parameters) }
        return Buffer.from((await cache.fetchWithCache(origin + PATH, init, TIMEOUT, 'text')).data)
      },
      close: () => rm(folder, { recursive: true, force: true }),
    }
  },
}
