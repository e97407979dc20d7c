import { Agent, type Dispatcher, fetch, getGlobalDispatcher, interceptors, setGlobalDispatcher } from 'undici'
import { createLlmCache } from '../../lib/index.ts'
import { bytesOf, chatAnswer, chatRequest, type Answer, streamAnswer } from './answer.ts'
import { NAMES } from './bed.ts'
import { rowOf } from './compare.ts'
import { HEADERS, PATH } from './doors.ts'
import { openProvider } from './provider.ts'
import { interleave, median } from './rounds.ts'
import type { Pace, Row, Workload } from './workload.ts'

const BASE = 'no interceptor'

interface Side {
  readonly name: string
  readonly note?: string
  readonly method: 'GET' | 'POST'
  /** A new one for each round, so that nothing is known yet. */
  readonly dispatcher: (agent: Agent, origin: string) => Dispatcher
}

/** What one crowd did. */
interface Crowd {
  readonly calls: number
  /** Median milliseconds to the first byte. */
  readonly first: number
}

const SIDES: readonly Side[] = [
  { name: BASE, method: 'POST', dispatcher: (agent) => agent },
  {
    name: NAMES.ours,
    method: 'POST',
    dispatcher: (agent, origin) => agent.compose(createLlmCache({ hosts: [origin] }).interceptor),
  },
  {
    name: 'undici deduplicate',
    note: 'GET only; joins until the first byte of the body',
    method: 'GET',
    dispatcher: (agent) => agent.compose(interceptors.deduplicate()),
  },
]

/** A crowd that asks the same at the same time: how often the provider is called, and when the first byte comes. */
export const w11: Workload = {
  id: 'W11',
  title: 'identical callers at once; the provider takes 50 ms to its first byte',
  async run(pace) {
    const json = chatAnswer(1536)
    return [
      ...(await measure('500 callers, JSON', 500, json, pace)),
      ...(await measure('1,000 callers, JSON', 1000, json, pace)),
      ...(await measure('1,000 callers, stream of 50 events', 1000, streamAnswer(50, 15_000), pace)),
    ]
  },
}

async function measure(door: string, callers: number, answer: Answer, { rounds }: Pace): Promise<readonly Row[]> {
  const provider = await openProvider({ answer, first: 50 })
  const before = getGlobalDispatcher()
  const measured = await interleave(SIDES, Math.min(rounds, 5), async ({ method, dispatcher }) => {
    const agent = new Agent()
    setGlobalDispatcher(dispatcher(agent, provider.origin))
    const first = await crowd(provider.origin, method, callers, answer)
    await agent.close()
    return { calls: await provider.calls(), first }
  })
  setGlobalDispatcher(before)
  await provider.close()
  const figuresOf = (figure: keyof Crowd) =>
    new Map([...measured].map(([{ name }, all]) => [name, all.map((one) => one[figure])]))
  const goals = [{ contestant: NAMES.ours, against: 'one call', by: 'count', limit: 1 }] as const
  return [
    ...SIDES.map((side) =>
      rowOf(side, { door: `${door}: provider calls`, base: BASE, goals }, figuresOf('calls'), 'calls'),
    ),
    ...SIDES.map((side) => rowOf(side, { door: `${door}: first byte`, base: BASE }, figuresOf('first'), 'ms')),
  ]
}

async function crowd(origin: string, method: Side['method'], callers: number, answer: Answer): Promise<number> {
  const stream = answer.chunks.length > 1
  const init = method === 'GET' ? {} : { method, headers: HEADERS, body: JSON.stringify(chatRequest(2048, stream)) }
  const expected = Buffer.from(bytesOf(answer))
  const firsts = await Promise.all(
    Array.from({ length: callers }, async () => {
      const start = performance.now()
      const response = await fetch(origin + PATH, init)
      let first: number | undefined
      const chunks: Uint8Array[] = []
      for await (const chunk of response.body ?? []) {
        first ??= performance.now() - start
        chunks.push(chunk)
      }
      if (!expected.equals(Buffer.concat(chunks))) throw new Error('A caller got other bytes than the provider sent')
      return first ?? Number.NaN
    }),
  )
  return median(firsts)
}
