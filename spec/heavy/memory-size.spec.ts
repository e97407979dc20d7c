import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { type CacheContext, createContext } from '../../lib/call/context.ts'
import type { Flight } from '../../lib/flight/flight.ts'
import { createInterceptor } from '../../lib/interceptor.ts'
import { resolveOptions } from '../../lib/options/resolve-options.ts'
import { bytesInUse } from './heap.ts'
import { Listener, ScriptedUpstream } from '../behaviour/flight/scripted.ts'

const ORIGIN = 'http://localhost:11434'
const COUNT = 4000

/** A chat completion as one document or as a stream of so many events; about `size` bytes. */
function answerOf(events: number, size: number): readonly string[] {
  const content = 'x'.repeat(Math.max(1, Math.round(size / events) - 80))
  const choice = { index: 0, finish_reason: 'stop' }
  if (events === 1) return [JSON.stringify({ choices: [{ ...choice, message: { content } }] })]
  const event = `data: ${JSON.stringify({ choices: [{ ...choice, delta: { content } }] })}\n\n`
  return [...Array<string>(events - 1).fill(event), 'data: [DONE]\n\n']
}

/** Has `COUNT` answers stored, each with so many header values that no other answer has. */
function fill(context: CacheContext, from: number, chunks: readonly string[], ownHeaders: number): void {
  const type = chunks.length === 1 ? 'application/json' : 'text/event-stream'
  const dispatch = createInterceptor(context)((_opts, handler) => {
    // Of a call that is no hit, what is dispatched is a flight.
    const upstream = new ScriptedUpstream(handler as Flight)
    const own = Array.from({ length: ownHeaders }, (_, i) => [`x-own-${i}`, randomUUID()])
    const headers = [['content-type', type], ...own]
    upstream.rawHeaders = headers.flat().map((text) => Buffer.from(text ?? ''))
    upstream.start()
    upstream.head(200, Object.fromEntries(headers))
    for (const chunk of chunks) upstream.send({ bytes: Buffer.from(chunk) })
    upstream.send({ end: true })
    return true
  })
  for (let i = from; i < from + COUNT; i++) {
    const body = JSON.stringify({ stream: chunks.length > 1, messages: [], seed: i })
    dispatch({ origin: ORIGIN, path: '/v1/chat/completions', method: 'POST', body }, new Listener())
    context.flights.catchUp()
  }
}

test.each([
  ['small documents', 1, 300, 1],
  ['documents of 1.5 kB', 1, 1500, 1],
  ['small documents with many headers', 1, 300, 12],
  ['streams', 20, 4000, 1],
])('of %s, what the size says is what they take, and no less', async (_name, events, size, ownHeaders) => {
  const context = createContext(resolveOptions({ hosts: [ORIGIN] }))
  const chunks = answerOf(events, size)
  // Compiled code and bounded tables fill up once.
  fill(context, 0, chunks, ownHeaders)
  await context.clear({})
  const before = bytesInUse()
  fill(context, COUNT, chunks, ownHeaders)
  const taken = bytesInUse() - before
  expect(context.tiers.memory.count).toBe(COUNT)
  expect(context.tiers.memory.size / taken).toBeGreaterThan(1)
  expect(context.tiers.memory.size / taken).toBeLessThan(1.4)
})
