import { PassThrough, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import * as undici8 from 'undici'
import * as undici7 from 'undici7'

/** One way in which a Node app makes an HTTP call through undici. */
export interface Door {
  readonly name: string
  call(url: string, init: DoorCall): Promise<DoorAnswer>
}

/** What is called. */
export interface DoorCall {
  readonly method?: string
  readonly body?: string
  readonly headers?: Record<string, string>
  /** `undefined`: the global one. */
  readonly dispatcher?: undici8.Dispatcher
  readonly signal?: AbortSignal
}

/** What came back. */
export interface DoorAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** The global fetch: what SDKs use. */
export const builtInFetch: Door = { name: 'built-in fetch', call: (url, init) => viaFetch(globalThis.fetch, url, init) }

/** Every door of undici 8 (or of the version that `UNDICI` names) and of undici 7. */
export const undiciDoors: readonly (readonly [typeof undici8, Door])[] = [
  ...doorsOf('undici', undici8),
  // Of the members used here the two majors have the same types; their classes differ in private parts only.
  ...doorsOf('undici 7', undici7 as unknown as typeof undici8),
]

function doorsOf(label: string, undici: typeof undici8): (readonly [typeof undici8, Door])[] {
  const doors: Door[] = [
    // The Response of undici is the built-in one but for its identity.
    { name: 'fetch', call: (url, init) => viaFetch(undici.fetch as unknown as typeof fetch, url, init) },
    { name: 'request', call: (url, init) => viaRequest(undici, url, init) },
    { name: 'stream', call: (url, init) => viaStream(undici, url, init) },
    { name: 'pipeline', call: (url, init) => viaPipeline(undici, url, init) },
  ]
  return doors.map((door) => [undici, { name: `${label} ${door.name}`, call: door.call }] as const)
}

async function viaFetch(fetch: typeof globalThis.fetch, url: string, init: DoorCall): Promise<DoorAnswer> {
  const { dispatcher, ...rest } = init
  // `dispatcher` is undici's own extension; the types that come with Node know another undici's.
  const response = await fetch(url, {
    method: 'POST',
    ...rest,
    ...(dispatcher && { dispatcher }),
  } as unknown as RequestInit)
  const body = Buffer.from(await response.arrayBuffer())
  return { status: response.status, headers: Object.fromEntries(response.headers), body }
}

async function viaRequest(undici: typeof undici8, url: string, init: DoorCall): Promise<DoorAnswer> {
  const { statusCode, headers, body } = await undici.request(url, { ...init, method: 'POST' })
  return { status: statusCode, headers, body: Buffer.from(await body.arrayBuffer()) }
}

async function viaStream(undici: typeof undici8, url: string, init: DoorCall): Promise<DoorAnswer> {
  const chunks: Buffer[] = []
  let head: { statusCode: number; headers: DoorAnswer['headers'] } = { statusCode: 0, headers: {} }
  await undici.stream(url, { ...init, method: 'POST' }, (data) => {
    head = data
    return new Writable({ write: (chunk, _coding, done) => void (chunks.push(Buffer.from(chunk)), done()) })
  })
  return { status: head.statusCode, headers: head.headers, body: Buffer.concat(chunks) }
}

async function viaPipeline(undici: typeof undici8, url: string, init: DoorCall): Promise<DoorAnswer> {
  const { body, ...options } = init
  let head: { statusCode: number; headers: DoorAnswer['headers'] } = { statusCode: 0, headers: {} }
  const duplex = undici.pipeline(url, { ...options, method: 'POST' }, (data) => {
    head = data
    // Its error is the pipeline's, too, and told there.
    return data.body.on('error', () => {}).pipe(new PassThrough())
  })
  duplex.end(body)
  const whole = await buffer(duplex)
  return { status: head.statusCode, headers: head.headers, body: whole }
}
