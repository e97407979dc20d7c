import { setImmediate as turnOfLoop } from 'node:timers/promises'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { Agent, type Dispatcher, request } from 'undici'
import { createLlmCache } from '../../lib/index.ts'
import { type KnownQuestion, VectorIndex } from '../../lib/semantic/vector-index.ts'
import { makeEntry } from '../../lib/stores/contract.ts'
import { answerInfo } from '../../lib/stores/question.ts'
import { sentenceEmbedder } from '../support/embedders.ts'
import { chatAnswer } from './answer.ts'
import { compare, rowOf } from './compare.ts'
import { HEADERS, PATH } from './doors.ts'
import { floor } from './floor.ts'
import type { Contestant, Goal, Pace, Row, Workload } from './workload.ts'

/** Questions of one partition, and numbers of a vector. */
const QUESTIONS = 5_000
const DIMENSIONS = 512
const ORIGIN = 'http://127.0.0.1:1234'

const EMBEDDER = 'the embedder alone (a small model on the CPU)'
const MISS = 'miss, nothing compared'
const SEMANTIC_MISS = 'miss, compared with 5,000'
const SEMANTIC_HIT = 'hit by meaning, among 5,000'
const SEARCHES = 16
const STALL = `${SEARCHES} searches at once`

/** What matching by meaning costs beside the embedder, which is instant but in its own row. */
export const w16: Workload = {
  id: 'W16',
  title: `matching by meaning: ${QUESTIONS.toLocaleString('en')} vectors of ${DIMENSIONS} numbers`,
  async run(pace) {
    const bed = await openBed()
    const goals: readonly Goal[] = [{ contestant: SEMANTIC_HIT, against: EMBEDDER, by: 'ratio', limit: 1 }]
    const contestants: readonly Contestant[] = [
      { name: EMBEDDER, call: () => sentenceEmbedder(['How do I reset the password of my account?']) },
      { name: MISS, call: () => bed.ask('What is new?', 'off') },
      { name: SEMANTIC_MISS, call: () => bed.ask(`How do I fix part ${QUESTIONS + bed.next()}?`, 'on') },
      { name: SEMANTIC_HIT, call: () => bed.ask(`How can I fix part ${bed.next()}?`, 'on'), expected: 'HIT' },
    ]
    try {
      const rows = await compare({ door: 'undici.request', contestants, base: EMBEDDER, goals, unit: 'µs' }, pace)
      return [...rows, await stalls(pace)]
    } finally {
      await bed.close()
    }
  },
}

interface SemanticBed {
  /** The next of the questions that are known, in turn: none is asked so soon again that its vector is still at hand. */
  next(): number
  /** Asks without storing the answer; resolves to how it was answered. */
  ask(text: string, semantic: 'on' | 'off'): Promise<unknown>
  close(): Promise<void>
}

/** A cache that knows all questions, over a floor that answers at once. */
async function openBed(): Promise<SemanticBed> {
  const semantic = { embed: (texts: string[]) => texts.map(vectorOf), id: 'bench' }
  const cache = createLlmCache({ hosts: [ORIGIN], semantic })
  const agent = new Agent()
  const dispatcher = agent.compose(floor(chatAnswer(1536)), cache.interceptor)
  const fill = Array.from({ length: QUESTIONS }, (_, at) => ask(dispatcher, `How do I fix part ${at}?`, 'on', 'on'))
  await Promise.all(fill)
  let at = 0
  return {
    next: () => (at = (at + 1) % QUESTIONS),
    ask: (text, mode) => ask(dispatcher, text, mode, 'read-only'),
    async close() {
      await cache.close()
      await agent.destroy()
    },
  }
}

async function ask(dispatcher: Dispatcher, text: string, semantic: string, mode: string): Promise<unknown> {
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: text }] })
  const headers = { ...HEADERS, 'x-llm-cache-semantic': semantic, 'x-llm-cache': mode }
  const answer = await request(ORIGIN + PATH, { method: 'POST', headers, body, dispatcher })
  await answer.body.dump()
  return answer.headers['x-llm-cache']
}

/** The same for all questions about one part, and at nearly a right angle to all others. */
function vectorOf(text: string): Float32Array {
  const random = xoroshiro128plus(Number(/\d+/.exec(text)?.[0] ?? 0))
  return Float32Array.from({ length: DIMENSIONS }, () => uniformInt(random, -1_000, 1_000))
}

/** Milliseconds of the longest turn of the event loop while the index is searched. */
async function stalls({ rounds }: Pace): Promise<Row> {
  const index = new VectorIndex({ maxVectors: QUESTIONS, neighbours: 8 })
  for (let at = 0; at < QUESTIONS; at++) index.add(questionOf(at), vectorOf(`${at}`))
  const asked = Array.from({ length: SEARCHES }, (_, at) => vectorOf(`${QUESTIONS + at}`))
  const figures: number[] = []
  for (let round = 0; round <= rounds; round++) {
    let isRunning = true
    const longest = longestTurn(() => isRunning)
    await Promise.all(asked.map((vector) => index.nearest('bench', vector, '')))
    isRunning = false
    // Nothing is compiled before the first.
    if (round > 0) figures.push(await longest)
    else await longest
  }
  const goals: readonly Goal[] = [{ contestant: STALL, against: 'the clock', by: 'count', limit: 5 }]
  const group = { door: 'event loop, longest stall', base: STALL, goals }
  return rowOf({ name: STALL }, group, new Map([[STALL, figures]]), 'ms')
}

function questionOf(at: number): KnownQuestion {
  const entry = makeEntry({ key: `${at}`, storedAt: Date.now(), expiresAt: Date.now() + 3_600_000 })
  return { partition: 'bench', text: `${at}`, entry: answerInfo(entry) }
}

/** By the thread's own time: what else the machine does meanwhile is not the search's fault. */
async function longestTurn(isRunning: () => boolean): Promise<number> {
  let longest = 0
  for (let last = threadTime(); isRunning();) {
    await turnOfLoop()
    const now = threadTime()
    longest = Math.max(longest, now - last)
    last = now
  }
  return longest
}

/** Milliseconds. */
function threadTime(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
