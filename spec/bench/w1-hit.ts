import { chatAnswer, chatRequest } from './answer.ts'
import { builtInFetch, npmFetch, openai, undiciRequest } from './doors.ts'
import { hitWorkload, within } from './hit.ts'
import { aiSdk, aiSdkMiddleware } from './peers/ai-sdk.ts'
import { axiosCache } from './peers/axios-cache-interceptor.ts'
import { cacheableRequest } from './peers/cacheable-request.ts'
import { langchain } from './peers/langchain.ts'
import { nodeFetchCache } from './peers/node-fetch-cache.ts'
import { promptfoo } from './peers/promptfoo.ts'
import { snapshotAgent } from './peers/snapshot-agent.ts'
import { undiciCache } from './peers/undici-cache.ts'
import type { Workload } from './workload.ts'

const httpPeers = [undiciCache, snapshotAgent, nodeFetchCache, axiosCache, cacheableRequest]
const small = { parameters: chatRequest(2048), answer: chatAnswer(1536) }

/** A hit as most are. */
export const w1: Workload = hitWorkload({
  id: 'W1',
  title: 'hit, 2 kB request, 1.5 kB answer, one at a time',
  ...small,
  doors: [
    { door: builtInFetch, goals: [within(1.25), within(0.5, 'none')] },
    { door: npmFetch, goals: [within(1.25), within(0.5, 'none')] },
    { door: undiciRequest, goals: [within(1.6), within(0.5, 'none')] },
    { door: openai, goals: [within(1.15), within(0.5, 'none')] },
    { door: aiSdk, goals: [] },
  ],
  peers: [...httpPeers, promptfoo, aiSdkMiddleware, langchain],
})

/** The same, many at once. */
export const w2: Workload = hitWorkload({
  id: 'W2',
  title: 'hit, 2 kB request, 1.5 kB answer, 64 at once',
  ...small,
  atOnce: 64,
  doors: [
    { door: builtInFetch, goals: [within(1.3)] },
    { door: undiciRequest, goals: [within(1.3)] },
    { door: openai, goals: [within(1.3)] },
  ],
  peers: httpPeers,
})
