import { createHash, createSecretKey } from 'node:crypto'
import type { Entry } from '../entry.ts'
import type { Access } from '../store.ts'

/** An access with a secret of its own, for tests of a store. */
export function accessOf(name: string): Access {
  const secret = createSecretKey(createHash('sha256').update(name).digest())
  return { secret: () => secret, isRotating: () => false }
}

/** A caller. */
export const CALLER: Access = accessOf('one caller')

/** Another caller. */
export const OTHER_CALLER: Access = accessOf('another caller')

/** A key in the cache's form: 64 hex digits. */
export function keyOf(name: string): string {
  return createHash('sha256').update(name).digest('hex')
}

/**
 * An entry with everything that a store has to keep, including a stream's chunks and pace; `given` overrides members.
 */
export function makeEntry(given: Partial<Entry> = {}): Entry {
  const body = new TextEncoder().encode('data: {"a":"\u00e9"}\n\ndata: [DONE]\n\n')
  const now = Date.now()
  return {
    key: keyOf('0'),
    provider: 'openai',
    model: 'gpt-5',
    endpoint: '/v1/chat/completions',
    namespace: '',
    tags: [],
    stream: true,
    size: (given.body ?? body).length,
    storedAt: now,
    expiresAt: now + 60_000,
    keptUntil: now + 60_000,
    usage: { inputTokens: 3, outputTokens: 4 },
    duration: 1234,
    status: 200,
    statusText: 'OK',
    headers: ['Content-Type', 'text/event-stream', 'X-Request-Id', 'req_1'],
    acceptEncoding: 'gzip',
    body,
    ends: Uint32Array.of(18, body.length),
    gaps: Uint32Array.of(600, 20),
    ...given,
  }
}
