import { chatAnswer, chatRequest } from './answer.ts'
import { builtInFetch, undiciRequest } from './doors.ts'
import { hitWorkload, within } from './hit.ts'
import { axiosCache } from './peers/axios-cache-interceptor.ts'
import { cacheableRequest } from './peers/cacheable-request.ts'
import { nodeFetchCache } from './peers/node-fetch-cache.ts'
import type { Workload } from './workload.ts'

const peers = [nodeFetchCache, axiosCache, cacheableRequest]
const answer = chatAnswer(1536)
const doors = [
  { door: builtInFetch, goals: [within(1.1)] },
  { door: undiciRequest, goals: [within(1.1)] },
]

/** A prompt with a document in it; the body is keyed by its meaning, being below `canonicalLimit`. */
export const w3: Workload = hitWorkload({
  id: 'W3',
  title: 'hit, 1 MB request, 1.5 kB answer',
  parameters: chatRequest(1_000_000),
  answer,
  doors,
  peers,
})

/** A prompt with images in it; above `canonicalLimit`. */
export const w4: Workload = hitWorkload({
  id: 'W4',
  title: 'hit, 10 MB request, 1.5 kB answer',
  parameters: chatRequest(10_000_000),
  answer,
  doors,
  peers,
})
