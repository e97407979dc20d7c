import { hash } from 'node:crypto'
import { Agent, request, setGlobalDispatcher } from 'undici'
import { createLlmCache } from '../../lib/index.ts'
import type { ChatParameters } from './answer.ts'
import { NAMES } from './bed.ts'
import { HEADERS, PATH } from './doors.ts'
import { axiosCache } from './peers/axios-cache-interceptor.ts'
import { nodeFetchCache } from './peers/node-fetch-cache.ts'
import type { Peer } from './peers/peer.ts'
import { undiciCache } from './peers/undici-cache.ts'

/** One who keeps answers in memory. */
export interface Keeper {
  readonly name: string
  readonly note?: string
  open(origin: string): OpenKeeper | Promise<OpenKeeper>
}

/** A keeper that is ready. */
export interface OpenKeeper {
  /** Makes the call; its answer is kept. */
  readonly keep: (parameters: ChatParameters & { readonly user: string }) => Promise<unknown>
  /** Drops what was kept while warming up, where it can. */
  readonly forget?: () => unknown
  /** How many answers are kept, where it tells. */
  readonly count?: () => number
  readonly close?: () => Promise<void>
}

const map: Keeper = {
  name: 'a Map of Buffers',
  note: 'a copy of the body by a hash of the prompt: no headers, no bounds',
  open(origin) {
    const kept = new Map<string, Buffer>()
    return {
      async keep(parameters) {
        const body = JSON.stringify(parameters)
        const answer = await request(origin + PATH, { method: 'POST', headers: HEADERS, body })
        kept.set(hash('sha256', body), Buffer.from(await answer.body.arrayBuffer()))
      },
      forget: () => kept.clear(),
      count: () => kept.size,
    }
  },
}

const ours: Keeper = {
  name: NAMES.ours,
  open(origin) {
    const cache = createLlmCache({ hosts: [origin] })
    const agent = new Agent()
    setGlobalDispatcher(agent.compose(cache.interceptor))
    return {
      async keep(parameters) {
        const init = { method: 'POST', headers: HEADERS, body: JSON.stringify(parameters) } as const
        await (await request(origin + PATH, init)).body.arrayBuffer()
      },
      forget: () => cache.clear(),
      count: () => cache.stats().entries,
      async close() {
        await cache.close()
        await agent.close()
      },
    }
  },
}

/** All who are weighed, each in a process of its own. */
export const KEEPERS: readonly Keeper[] = [map, ours, ...[undiciCache, nodeFetchCache, axiosCache].map(keeperOf)]

function keeperOf({ name, note, open }: Peer): Keeper {
  return {
    name,
    note,
    async open(origin) {
      const peer = await open({ origin, answer: { contentType: '', chunks: [] } })
      peer.enter?.()
      return { keep: peer.call, ...(peer.close && { close: peer.close }) }
    },
  }
}
