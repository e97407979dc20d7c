import { chatAnswer, chatRequest } from './answer.ts'
import { builtInFetch, undiciRequest } from './doors.ts'
import { hitWorkload, within } from './hit.ts'
import { axiosCache } from './peers/axios-cache-interceptor.ts'
import { nodeFetchCache } from './peers/node-fetch-cache.ts'
import { undiciCache } from './peers/undici-cache.ts'
import type { Workload } from './workload.ts'

/** A large answer: embeddings of a batch, an image. */
export const w6: Workload = hitWorkload({
  id: 'W6',
  title: 'hit, 2 kB request, 5 MB answer',
  parameters: chatRequest(2048),
  answer: chatAnswer(5_000_000),
  doors: [
    { door: builtInFetch, goals: [within(1.3)] },
    { door: undiciRequest, goals: [within(1.3)] },
  ],
  peers: [undiciCache, nodeFetchCache, axiosCache],
})
