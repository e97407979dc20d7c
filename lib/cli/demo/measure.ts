import type { DemoCall } from './calls.ts'

/** What a caller saw of one call. */
export interface Measured {
  /** `x-llm-cache`: MISS, HIT, COALESCED … */
  readonly status: string
  /** Milliseconds to the first byte of the body. */
  readonly firstByte: number
  /** Milliseconds to the last byte. */
  readonly total: number
  readonly body: Buffer
}

/** Makes one call with the global fetch and reads it whole. Throws if the provider does not answer 200. */
export async function measure(origin: string, key: string, call: DemoCall): Promise<Measured> {
  const started = performance.now()
  const response = await fetch(origin + call.path, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      [call.credential]: call.credential === 'authorization' ? `Bearer ${key}` : key,
    },
    body: JSON.stringify(call.body),
  })
  if (!response.ok || response.body === null) throw new Error(`${call.label}: the provider answered ${response.status}`)
  let firstByte: number | undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) {
    firstByte ??= performance.now() - started
    chunks.push(chunk)
  }
  const total = performance.now() - started
  const status = response.headers.get('x-llm-cache') ?? 'none'
  return { status, firstByte: firstByte ?? total, total, body: Buffer.concat(chunks) }
}
