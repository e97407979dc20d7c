import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { createEncoder, flushOf, type Behaviour } from './behaviour.ts'
import type { Shape } from './shapes/shape.ts'

/** Sends one answer at the pace and with the accidents that `behaviour` says. */
export async function write(
  response: ServerResponse,
  shape: Shape & { readonly status: number },
  behaviour: Behaviour,
): Promise<void> {
  const { cut, first, hold } = behaviour
  await until(first)
  if (cut?.after === 0 && cut.how === 'reset') return void response.socket?.resetAndDestroy()
  const events = bodyOf(shape, behaviour)
  response.writeHead(shape.status, head(shape, behaviour, events))
  const send = createSender(response, behaviour)
  await sendAll(events.slice(0, cut?.after), send, response, behaviour)
  if (cut?.how === 'reset') return void response.socket?.resetAndDestroy()
  if (cut === undefined) await until(hold)
  await send(undefined)
}

/** The events of an answer, its failure included. */
export function bodyOf(
  shape: Shape,
  { events = shape.events, failAfter }: Behaviour,
): readonly (string | Uint8Array)[] {
  return failAfter === undefined ? events : [...events.slice(0, failAfter), ...shape.failure]
}

/** Headers of an answer, as providers send them: what must never be stored is among them. */
export function head(
  shape: Shape,
  { headers, coding, contentType = shape.contentType, contentLength }: Behaviour,
  events: readonly (string | Uint8Array)[],
): Record<string, string> {
  const whole = events.length === 1 && coding === undefined ? Buffer.byteLength(events[0] ?? '') : undefined
  const length = contentLength ?? whole
  return {
    'content-type': contentType,
    'cache-control': 'no-cache, must-revalidate',
    'set-cookie': '__cf_bm=loopback; path=/; HttpOnly',
    'x-request-id': 'req_loopback',
    'x-ratelimit-remaining-requests': '99',
    ...(coding && { 'content-encoding': coding }),
    ...(length !== undefined && { 'content-length': String(length) }),
    // Else a keep-alive socket would wait for the bytes that were promised.
    ...(contentLength !== undefined && { connection: 'close' }),
    ...headers,
  }
}

/** Takes one event, or `undefined` for the end, and resolves when it is on its way. */
type Sender = (event: string | Uint8Array | undefined) => Promise<void>

function createSender(response: ServerResponse, { coding, cut }: Behaviour): Sender {
  const closed = once(response, 'close')
  const written = (event: string | Uint8Array): Promise<void> =>
    new Promise((done) => response.write(event, () => done()))
  if (coding === undefined) {
    return async (event) => void (event === undefined ? response.end() : await Promise.race([written(event), closed]))
  }
  const encoder = createEncoder(coding)
  encoder.pipe(response, { end: cut === undefined })
  return async (event) => {
    if (event === undefined) return void (cut === undefined ? encoder.end() : response.end())
    encoder.write(event)
    await Promise.race([new Promise<void>((done) => encoder.flush(flushOf(coding), done)), closed])
  }
}

async function sendAll(
  events: readonly (string | Uint8Array)[],
  send: Sender,
  response: ServerResponse,
  { gap, gate }: Behaviour,
): Promise<void> {
  for (const [i, event] of events.entries()) {
    if (gate?.after === i) await gate.until
    if (gap !== undefined && i > 0) await wait(gap)
    if (response.destroyed) return
    await send(event)
  }
  if (gate !== undefined && gate.after >= events.length) await gate.until
}

async function until(moment: number | Promise<unknown> | undefined): Promise<void> {
  await (typeof moment === 'number' ? wait(moment) : moment)
}
