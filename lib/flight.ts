import type { Dispatcher } from 'undici'
import type { Refusal } from './reasons.ts'
import { asError, type Caller } from './response/caller.ts'
import type { Head } from './response/head.ts'
import { flattenHeaders } from './response/head.ts'
import type { Judge, Verdict } from './response/judge.ts'
import { buffersOf, trailersOf } from './response/live.ts'
import { type Play, Replay, type ReplayOwner } from './response/replay.ts'
import { LiveTape } from './response/tape.ts'
import type { FilterTarget } from './stores/memory.ts'

type Handler = Required<Dispatcher.DispatchHandler>
type Controller = Dispatcher.DispatchController

/** What failed before the head of an answer reached anyone. */
export type Failure = { readonly status: number } | { readonly error: Error }

/** A caller may have something better than a failure: a stale answer. `true`: it has taken over that caller. */
export type Rescue = (failure: Failure) => boolean

/** What a flight needs of the cache around it. */
export interface FlightPlan {
  /** Callers with the same one share the flight. */
  readonly key: string
  /** What the entry will be, for filters: a clear also reaches answers that are still on their way. */
  readonly target: FilterTarget
  /** Bytes of an answer that may be kept. */
  readonly maxEntrySize: number
  readonly onAbandon: 'abort' | 'finish'
  /** Milliseconds, monotonic. */
  readonly now: () => number
  /** A judge for the answer, or why it will not be stored. */
  readonly judge: (head: Head, onTurn: (verdict: Verdict) => void) => Judge | Refusal
  /** The answer is whole so far: store it. Called again when more has followed the marker. */
  readonly store: (tape: LiveTape, verdict: Verdict & { store: true }) => void
  /** What followed the marker took the answer back. */
  readonly retract: () => void
  /** The answer will not be stored. Once. */
  readonly refused: (reason: Refusal) => void
  /** Nobody joins any more. Once. */
  readonly closed: (flight: Flight) => void
  /** `callers` were given a failure, or left before the end: their SDKs may retry. */
  readonly failed: (callers: number) => void
  /** The last callback. */
  readonly settled: (flight: Flight) => void
  /** Something broke inside; the answer goes on unharmed. */
  readonly broken: (error: unknown) => void
}

/**
 * One provider call and all who wait for it: records, judges, and plays the recording to each caller. The first caller
 * leads only in that it came first; its leaving hurts nobody.
 */
export class Flight implements Handler, ReplayOwner {
  readonly tape: LiveTape = new LiveTape()
  readonly #plan: FlightPlan
  readonly #replays = new Map<Replay, Rescue | undefined>()
  #leader: Caller | undefined
  #followers = 0
  #upstream: Controller | undefined
  #judge: Judge | undefined
  #verdict: Verdict | undefined
  #storedSize = -1
  #open = true
  #settled = false
  #abandoned: Error | undefined
  #deserted = false

  constructor(plan: FlightPlan) {
    this.#plan = plan
  }

  get key(): string {
    return this.#plan.key
  }

  get target(): FilterTarget {
    return this.#plan.target
  }

  /** Whether another caller may join. */
  get joinable(): boolean {
    return this.#open
  }

  /** Whether a caller left before the end: its SDK may have timed out, and must not be sent back into this flight. */
  get deserted(): boolean {
    return this.#deserted
  }

  /** Callers that joined the first one. */
  get followers(): number {
    return this.#followers
  }

  /** Lets one caller hear this flight: what has come at once, then the rest as it comes. */
  attach(caller: Caller, play: Omit<Play, 'owner'>, rescue?: Rescue): void {
    const replay = new Replay(caller, this.tape, { ...play, owner: this })
    if (this.#leader === undefined) this.#leader = caller
    else this.#followers++
    this.#replays.set(replay, rescue)
    replay.pump()
    this.#regulate()
  }

  /** The call could not be dispatched at all. */
  fail(thrown: unknown): void {
    if (!this.tape.ended) this.#broke(asError(thrown))
  }

  /** The answer's key was cleared: whatever comes is delivered, never stored. */
  clear(): void {
    this.#refuse('cleared')
  }

  // A retry interceptor below starts anew: the newest controller counts.
  onRequestStart(controller: Controller, context: unknown): void {
    this.#upstream = controller
    this.#leader?.extendContext(context)
    if (this.#abandoned !== undefined) controller.abort(this.#abandoned)
  }

  onRequestUpgrade(...[controller, status, headers, socket]: Parameters<Handler['onRequestUpgrade']>): void {
    this.#refuse('status')
    this.#leader?.upgrade(buffersOf(controller.rawHeaders), status, headers, socket)
  }

  onResponseStart(...[controller, status, headers, statusText = '']: Parameters<Handler['onResponseStart']>): void {
    if (status < 200) {
      for (const { caller } of this.#replays.keys())
        caller.inform(buffersOf(controller.rawHeaders), status, headers, statusText)
      return
    }
    const head = { status, statusText, headers: flattenHeaders(controller.rawHeaders, headers) }
    this.tape.start(head, this.#plan.now())
    this.#guard(() => this.#begin(head))
    if (status !== 200) this.#failed({ status })
    this.#pump()
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    // The first reader is given the network's own chunk, and may change it: what is kept is a copy.
    const own = this.#recording || this.#replays.size > 1 ? Buffer.from(chunk) : chunk
    this.tape.append(own, this.#plan.now())
    if (this.#recording) {
      if (this.tape.size > this.#plan.maxEntrySize) this.#refuse('too-large')
      else this.#guard(() => this.#judge?.write(own))
    }
    this.#pump(chunk)
  }

  onResponseEnd(...[controller, trailers]: Parameters<Handler['onResponseEnd']>): void {
    this.tape.end(trailersOf(trailers), buffersOf(controller.rawTrailers))
    this.#finish(true)
    this.#pump()
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#broke(error)
  }

  #broke(error: Error): void {
    const headless = this.tape.head === undefined
    this.tape.fail(error)
    this.#finish(false)
    if (headless) this.#failed({ error })
    else this.#plan.failed(this.#replays.size)
    this.#pump()
  }

  onBodySent(chunk: Buffer): void {
    this.#leader?.bodySent(chunk)
  }

  onRequestSent(): void {
    this.#leader?.requestSent()
  }

  onResponseStarted(): void {
    this.#leader?.responseStarted()
  }

  moved(): void {
    this.#regulate()
  }

  left(replay: Replay, reason: Error): void {
    this.#replays.delete(replay)
    this.#deserted = true
    if (this.tape.ended) return
    this.#plan.failed(1)
    if (this.#replays.size > 0) return this.#regulate()
    if (this.#plan.onAbandon === 'finish' && this.#recording) return this.#regulate()
    this.#close()
    this.#abandoned = reason
    this.#upstream?.abort(reason)
  }

  /** Whether what comes is kept whole: for the store, and for those who may still join. */
  get #recording(): boolean {
    return this.#verdict?.store !== false
  }

  #begin(head: Head): void {
    const judge = head.status === 200 ? this.#plan.judge(head, (verdict) => this.#turn(verdict)) : 'status'
    if (typeof judge === 'string') this.#refuse(judge)
    else this.#judge = judge
  }

  #turn(verdict: Verdict): void {
    if (!this.#recording) return
    if (!verdict.store) return this.#refuse(verdict.reason)
    this.#verdict = verdict
    this.#store(verdict)
  }

  #store(verdict: Verdict & { store: true }): void {
    if (this.#storedSize === this.tape.size) return
    this.#storedSize = this.tape.size
    this.#guard(() => this.#plan.store(this.tape, verdict))
  }

  #refuse(reason: Refusal): void {
    if (!this.#recording) return
    this.#verdict = { store: false, reason }
    this.#judge = undefined
    this.#close()
    if (this.#storedSize >= 0) this.#guard(() => this.#plan.retract())
    this.#plan.refused(reason)
  }

  #finish(clean: boolean): void {
    const judge = this.#judge
    if (judge === undefined) this.#conclude(undefined, clean)
    else {
      this.#guard(() => {
        const verdict = judge.finish(clean)
        if (!(verdict instanceof Promise)) return this.#conclude(verdict, clean)
        verdict.then((late) => this.#conclude(late, clean)).catch((error: unknown) => this.#break(error))
      })
    }
  }

  #conclude(verdict: Verdict | undefined, clean: boolean): void {
    if (this.#recording) {
      if (verdict?.store === true) this.#store(verdict)
      else this.#refuse(this.#whyNot(verdict, clean))
    }
    this.#settle()
  }

  #whyNot(verdict: Verdict | undefined, clean: boolean): Refusal {
    if (!clean && (verdict === undefined || (!verdict.store && verdict.reason === 'incomplete'))) {
      return this.#abandoned === undefined ? 'network' : 'aborted'
    }
    return verdict?.store === false ? verdict.reason : 'incomplete'
  }

  #failed(failure: Failure): void {
    this.#plan.failed(this.#replays.size)
    for (const [replay, rescue] of this.#replays) {
      this.#guard(() => {
        if (rescue?.(failure) === true) this.#replays.delete(replay)
      })
    }
  }

  #pump(fresh?: Buffer): void {
    let first = true
    for (const replay of this.#replays.keys()) {
      replay.pump(first ? fresh : undefined)
      first = false
    }
    this.#regulate()
  }

  /** Holds the provider back when all are behind; once nothing is kept, when anyone is. */
  #regulate(): void {
    const upstream = this.#upstream
    if (!this.#recording) this.#forget()
    if (upstream === undefined || this.tape.ended) return
    const replays = [...this.#replays.keys()]
    const stop = this.#recording
      ? replays.length > 0 && replays.every(({ caller }) => caller.paused)
      : replays.some(({ caller }) => caller.paused)
    if (stop && !upstream.paused) upstream.pause()
    else if (!stop && upstream.paused) upstream.resume()
  }

  #forget(): void {
    let read = this.tape.length
    for (const replay of this.#replays.keys()) read = Math.min(read, replay.position)
    this.tape.drop(read)
  }

  #close(): void {
    if (!this.#open) return
    this.#open = false
    this.#plan.closed(this)
  }

  #settle(): void {
    if (this.#settled) return
    this.#settled = true
    this.#close()
    this.#plan.settled(this)
  }

  #guard(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#break(error)
    }
  }

  #break(error: unknown): void {
    this.#plan.broken(error)
    this.#refuse('internal')
    if (this.tape.ended) this.#settle()
  }
}

/** The flights of one cache: those that may be joined, by key, and all that are under way. */
export class Flights {
  readonly #table = new Map<string, Flight>()
  readonly #all = new Set<Flight>()

  /** How many are under way. */
  get size(): number {
    return this.#all.size
  }

  /** The flight to join, if there is one. A retry is not sent back into a flight that somebody left. */
  find(key: string, isRetry: boolean): Flight | undefined {
    const flight = this.#table.get(key)
    return flight === undefined || !flight.joinable || (isRetry && flight.deserted) ? undefined : flight
  }

  /** Enters a flight; `shared` ones can be found. */
  add(flight: Flight, shared: boolean): void {
    this.#all.add(flight)
    if (shared) this.#table.set(flight.key, flight)
  }

  /** Nobody joins it any more. */
  close(flight: Flight): void {
    if (this.#table.get(flight.key) === flight) this.#table.delete(flight.key)
  }

  /** It has ended. */
  remove(flight: Flight): void {
    this.close(flight)
    this.#all.delete(flight)
  }

  [Symbol.iterator](): IterableIterator<Flight> {
    return this.#all.values()
  }
}
