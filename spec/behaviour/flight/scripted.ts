import type { Dispatcher } from 'undici'
import { Flight } from '../../../lib/flight/flight.ts'
import type { FlightHooks } from '../../../lib/flight/flight-hooks.ts'
import type { Refusal } from '../../../lib/base/reasons.ts'
import { Caller } from '../../../lib/replay/caller.ts'
import type { Head } from '../../../lib/undici/head.ts'

type Handler = Dispatcher.DispatchHandler
type Controller = Dispatcher.DispatchController

/** What a scripted provider does next. */
type Step = { readonly bytes: Buffer } | { readonly end: true } | { readonly error: Error }

/** A provider that does what it is told, and holds back while it is paused, as a socket does. */
export class ScriptedUpstream implements Controller {
  rawHeaders: Buffer[] = []
  rawTrailers: Buffer[] = []
  paused = false
  aborted = false
  reason: Error | null = null
  /** All that the flight was given. */
  readonly sent: Buffer[] = []
  /** Whether the flight was told of an end. */
  over = false
  error: Error | undefined
  #waiting: Step[] = []
  readonly #flight: Flight

  constructor(flight: Flight) {
    this.#flight = flight
  }

  start(): void {
    this.#flight.onRequestStart(this, {})
  }

  head(status = 200, headers: Record<string, string> = { 'content-type': 'text/event-stream' }): void {
    this.#flight.onResponseStart(this, status, headers, 'OK')
  }

  /** Sends now, or once the flight lets it. */
  send(step: Step): void {
    this.#waiting.push(step)
    this.#flow()
  }

  pause(): void {
    this.paused = true
  }

  // At once, as undici's parser does.
  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.#flow()
  }

  abort(reason: Error): void {
    if (this.over || this.aborted) return
    this.aborted = true
    this.reason = reason
    this.#waiting = []
    this.#fail(reason)
  }

  #flow(): void {
    while (!this.paused && !this.over) {
      const step = this.#waiting.shift()
      if (step === undefined) return
      if ('bytes' in step) {
        this.sent.push(Buffer.from(step.bytes))
        this.#flight.onResponseData(this, step.bytes)
      } else if ('end' in step) {
        this.over = true
        this.#flight.onResponseEnd(this, {})
      } else this.#fail(step.error)
    }
  }

  #fail(error: Error): void {
    this.over = true
    this.error = error
    this.#flight.onResponseError(this, error)
  }
}

/** What a caller's handler does of its own at one of its chunks. */
export type Whim = 'pause' | 'abort' | 'throw' | 'nap'

/** A caller's handler that notes all it is told, and spoils each chunk once it has been read. */
export class Listener implements Handler {
  readonly caller: Caller
  readonly got: Buffer[] = []
  /** Everything it was told, in order. */
  readonly told: string[] = []
  error: Error | undefined
  head: Omit<Head, 'headers'> | undefined
  readonly #whims: ReadonlyMap<number, Whim>
  #controller: Controller | undefined

  constructor(whims: ReadonlyMap<number, Whim> = new Map()) {
    this.#whims = whims
    this.caller = new Caller(this)
    this.caller.start()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.got)
  }

  get done(): boolean {
    return this.told.includes('end') || this.error !== undefined
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller
  }

  onResponseStart(_controller: Controller, status: number, _headers: unknown, statusText = ''): void {
    this.told.push(`head ${status}`)
    this.head = { status, statusText }
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    this.told.push('data')
    this.got.push(Buffer.from(chunk))
    chunk.fill(0)
    const whim = this.#whims.get(this.got.length)
    if (whim === 'pause' || whim === 'nap') controller.pause()
    if (whim === 'nap') controller.resume()
    if (whim === 'abort') controller.abort(new Error('the caller left'))
    if (whim === 'throw') throw new Error('the handler failed')
  }

  onResponseEnd(): void {
    this.told.push('end')
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.told.push('error')
    this.error = error
  }

  pause(): void {
    this.#controller?.pause()
  }

  resume(): void {
    this.#controller?.resume()
  }

  abort(): void {
    this.#controller?.abort(new Error('the caller left'))
  }
}

/** All that a flight told the cache around it. */
export interface FlightLog {
  readonly stored: Buffer[]
  readonly refused: Refusal[]
  readonly broken: unknown[]
  retracted: number
  closed: number
  settled: number
  failed: number
}

/** A flight whose every answer is stored when it has ended well, or says the plan otherwise. */
export function openFlight(plan: Partial<FlightHooks> = {}): {
  flight: Flight
  upstream: ScriptedUpstream
  log: FlightLog
} {
  const log: FlightLog = { stored: [], refused: [], broken: [], retracted: 0, closed: 0, settled: 0, failed: 0 }
  const flight = new Flight({
    route: { key: 'key', acceptEncoding: '' },
    target: { key: 'key', provider: 'openai', model: 'gpt', namespace: '', tags: [], storedAt: 0 },
    maxEntrySize: 1000,
    onAbandon: 'abort',
    now: () => 0,
    judge: () => ({
      write() {},
      finish: (clean) => (clean ? { store: true, usage: undefined } : { store: false, reason: 'incomplete' }),
    }),
    store: (recording) => void log.stored.push(Buffer.from(recording.bytes(true).body)),
    retract: () => void log.retracted++,
    refused: (reason) => void log.refused.push(reason),
    failed: (callers) => void (log.failed += callers),
    closed: () => void log.closed++,
    settled: () => void log.settled++,
    broken: (error) => void log.broken.push(error),
    ...plan,
  })
  return { flight, upstream: new ScriptedUpstream(flight), log }
}

/** Lets one more caller hear the flight. */
export function join(flight: Flight, whims?: ReadonlyMap<number, Whim>): Listener {
  const listener = new Listener(whims)
  flight.attach(listener.caller, { decorate: (head) => head })
  return listener
}

/** Resolves when what was put off to a microtask is done. */
export function settled(): Promise<void> {
  return new Promise((done) => setImmediate(done))
}
