import { chatRequest, streamAnswer } from './answer.ts'
import { builtInFetch, openai, undiciRequest } from './doors.ts'
import { hitWorkload, within } from './hit.ts'
import { aiSdk, aiSdkMiddleware } from './peers/ai-sdk.ts'
import { nodeFetchCache } from './peers/node-fetch-cache.ts'
import { undiciCache } from './peers/undici-cache.ts'
import type { Workload } from './workload.ts'

/** A stream from memory, with its own chunks. */
export const w5: Workload = hitWorkload({
  id: 'W5',
  title: 'SSE hit, 500 events, 150 kB',
  parameters: chatRequest(2048, true),
  answer: streamAnswer(500, 150_000),
  doors: [
    { door: builtInFetch, goals: [within(1.3, 'floor')] },
    { door: undiciRequest, goals: [within(1.3, 'floor')] },
    { door: openai, goals: [within(1.1, 'floor')] },
    { door: aiSdk, goals: [] },
  ],
  peers: [undiciCache, nodeFetchCache, aiSdkMiddleware],
})
