import type { Entry } from '../../lib/stores/entry.ts'

/** An entry of which only the members given matter. */
export function entryOf(members: Partial<Entry>): Entry {
  const body = members.body ?? new Uint8Array()
  return {
    key: 'a'.repeat(64),
    provider: 'openai',
    model: 'gpt-5.1',
    endpoint: '/v1/chat/completions',
    namespace: '',
    tags: [],
    stream: true,
    size: body.length,
    storedAt: 0,
    expiresAt: 3_600_000,
    keptUntil: 3_600_000,
    usage: undefined,
    duration: 0,
    status: 200,
    statusText: 'OK',
    headers: [],
    acceptEncoding: '',
    body,
    ends: new Uint32Array(),
    gaps: undefined,
    ...members,
  }
}
