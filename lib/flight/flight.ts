import type { Dispatcher } from 'undici'
import type { Handler, Receiver } from '../undici/dispatch.ts'
import { UpstreamController } from '../undici/upstream-controller.ts'
import type { Failure, FlightHooks, Rescue, Route, Urgency } from './flight-hooks.ts'
import { Backpressure } from './backpressure.ts'
import { abortError, asError } from '../base/errors.ts'
import type { Caller } from '../replay/caller.ts'
import { copyOf, readHead, trailersOf } from '../undici/head.ts'
import { type Play, Replay, type ReplayOwner } from '../replay/replay.ts'
import { LiveRecording } from '../replay/live-recording.ts'
import type { FilterTarget } from '../stores/filter.ts'
import { type Ending, Admission } from './admission.ts'

type Controller = Dispatcher.DispatchController

/** Bytes that take about a millisecond to judge. */
const MUCH = 256 * 1024

/**
 * One provider call and everyone who waits for it: records the answer, plays the recording to each caller, and has it
 * judged. The first caller is like the others: if it leaves, they stay.
 */
export class Flight implements Receiver, ReplayOwner {
  readonly recording: LiveRecording = new LiveRecording()
  readonly #hooks: FlightHooks
  readonly #replays = new Map<Replay, Rescue | undefined>()
  readonly #upstream = new UpstreamController((error) => this.fail(error))
  readonly #backpressure: Backpressure
  #leader: Caller | undefined
  #followers = 0
  readonly #admission: Admission
  #open = true
  #settled = false
  /** Whether the provider has ended its answer, or the connection has failed. */
  #hasFinished = false
  /** Whether storing is decided, or about to be. */
  #isConcluding = false
  /** When it must be judged; `undefined` if nothing is pending. */
  #due: Urgency | undefined
  #abandoned: Error | undefined
  #deserted = false

  constructor(hooks: FlightHooks) {
    this.#hooks = hooks
    this.#backpressure = new Backpressure(this.#upstream, this.recording, hooks.maxEntrySize)
    this.#admission = new Admission(this.recording, hooks, () => this.#refused())
  }

  get route(): Route {
    return this.#hooks.route
  }

  get target(): FilterTarget {
    return this.#hooks.target
  }

  /** Whether another caller may join. */
  get joinable(): boolean {
    return this.#open && this.#admission.isOpen
  }

  /** Whether a caller left before the end. Its SDK may have timed out, and must not be sent back into this flight. */
  get deserted(): boolean {
    return this.#deserted
  }

  /** Adds a caller: first it gets what has arrived, then the rest as it arrives. */
  attach(caller: Caller, play: Omit<Play, 'owner'>, rescue?: Rescue): void {
    const replay = new Replay(caller, this.recording, { ...play, owner: this })
    if (this.#leader === undefined) this.#leader = caller
    else this.#followers++
    this.#replays.set(replay, rescue)
    this.#backpressure.note(replay)
    this.#play(replay)
    this.#regulate()
  }

  /** The call could not be dispatched, or can't be controlled. */
  fail(error: Error): void {
    if (!this.#isOver) this.#broke(error)
  }

  /** The answer's key was cleared. The rest is delivered, but not stored. */
  clear(): void {
    if (!this.#settled) this.#admission.refuse('cleared')
  }

  /** Judges what was deferred. Must be called before anyone looks for the answer in the store. */
  catchUp(): void {
    this.#due = undefined
    if (this.#hasFinished && !this.#isConcluding) this.#finish('clean')
    else this.#admission.catchUp()
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#upstream.connect(controller)
    this.#backpressure.begin()
    this.#leader?.extendContext(context)
    if (this.#abandoned === undefined) this.#regulate()
    else this.#upstream.abort(this.#abandoned)
  }

  onRequestUpgrade(...[controller, status, headers, socket]: Parameters<Handler['onRequestUpgrade']>): void {
    this.#admission.refuse('status')
    this.#leader?.upgrade(copyOf(controller.rawHeaders), status, headers, socket)
    this.#settle()
  }

  onResponseStart(...[controller, status, headers, statusText]: Parameters<Handler['onResponseStart']>): void {
    if (status < 200) {
      for (const { caller } of this.#replays.keys()) {
        caller.inform(copyOf(controller.rawHeaders), status, headers, statusText)
      }
      return
    }
    if (this.#isOver) return
    const head = readHead(controller, status, headers, statusText)
    this.recording.start(head, this.#hooks.now())
    this.#admission.begin(head)
    if (status !== 200) this.#failed({ status })
    this.#pump()
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#isOver) return
    const { isOpen } = this.#admission
    const now = this.#hooks.now()
    // The first reader gets the network's own chunk and may change it, so a copy is kept.
    if (isOpen || this.#replays.size > 1) this.recording.record(chunk, now)
    else this.recording.append(chunk, now)
    if (isOpen && this.recording.size > this.#hooks.maxEntrySize) this.#admission.refuse('too-large')
    else if (isOpen) this.#judge()
    this.#pump(chunk)
  }

  // Whoever has read an answer to its end finds it stored, since a lookup makes the flight catch up first. With a
  // content coding, which is decoded asynchronously, callers get the end after the verdict.
  onResponseEnd(...[controller, trailers]: Parameters<Handler['onResponseEnd']>): void {
    if (this.#isOver) return
    const end = [trailersOf(trailers), copyOf(controller.rawTrailers)] as const
    const isLater = this.#hooks.later !== undefined && this.#admission.isOpen && !this.#admission.isSlow
    if (!isLater) return this.#finish('clean', () => this.recording.end(...end))
    this.recording.end(...end)
    this.#over()
    this.#judge()
    this.#pump()
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (!this.#isOver) this.#broke(error)
  }

  #broke(error: Error): void {
    const headless = this.recording.head === undefined
    this.recording.fail(error)
    this.#finish(this.#abandoned === undefined ? 'network' : 'aborted')
    if (headless) this.#failed({ error })
    else this.#hooks.failed(this.#replays.size)
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

  onProgress(replay: Replay): void {
    this.#backpressure.note(replay)
    this.#regulate()
  }

  onLeave(replay: Replay, reason: Error): void {
    // SDKs disconnect right after the end marker: such a caller has its answer.
    if (!this.#isOver) this.catchUp()
    this.#detach(replay)
    if (!this.#isOver) {
      this.#deserted = true
      if (!this.#admission.stored) this.#hooks.failed(1)
      if (this.#isIdle && (this.#hooks.onAbandon === 'abort' || !this.#admission.isOpen)) return this.#abandon(reason)
    }
    this.#regulate()
  }

  get #isOver(): boolean {
    return this.recording.ended || this.#hasFinished
  }

  get #isIdle(): boolean {
    return this.#replays.size === 0
  }

  #detach(replay: Replay): void {
    this.#replays.delete(replay)
    this.#backpressure.drop(replay)
  }

  /** Aborts the call, because nobody listens and nothing will be kept. */
  #abandon(reason: Error): void {
    this.#close()
    this.#abandoned ??= reason
    this.#upstream.abort(reason)
  }

  #judge(): void {
    const { later } = this.#hooks
    if (later === undefined) return this.#admission.catchUp()
    const urgency = this.#admission.behind > MUCH ? 'now' : this.#hasFinished ? 'ended' : 'soon'
    if (this.#due === 'now' || this.#due === urgency) return
    this.#due = urgency
    later(urgency)
  }

  /** Nobody may join an answer that is not stored. */
  #refused(): void {
    this.#close()
    if (this.#isIdle && !this.#isOver) this.#abandon(abortError('Nobody waits for the answer'))
  }

  #over(): void {
    this.#hasFinished = true
    this.#upstream.disconnect()
  }

  #finish(ending: Ending, onVerdict?: () => void): void {
    this.#over()
    this.#isConcluding = true
    const conclude = (): void => {
      this.#settle()
      if (ending === 'clean') this.#pump()
    }
    const late = this.#admission.finish(ending, onVerdict)
    if (late === undefined) conclude()
    else void late.then(conclude)
  }

  #failed(failure: Failure): void {
    let unhelped = 0
    for (const [replay, rescue] of this.#replays) {
      if (this.#rescue(failure, rescue)) this.#detach(replay)
      else unhelped++
    }
    this.#hooks.failed(unhelped)
    if (this.#isIdle && !this.#isOver) this.#abandon(abortError('Nobody waits for the answer'))
  }

  #rescue(failure: Failure, rescue: Rescue | undefined): boolean {
    try {
      return rescue?.(failure) === true
    } catch (error) {
      this.#hooks.broken(error)
      return false
    }
  }

  #pump(fresh?: Buffer): void {
    let first = true
    for (const replay of this.#replays.keys()) {
      this.#play(replay, first ? fresh : undefined)
      first = false
    }
    this.#regulate()
  }

  /** Plays to one caller. Its errors do not concern the others. */
  #play(replay: Replay, fresh?: Buffer): void {
    try {
      replay.pump(fresh)
      // V8 may keep a finished flight for many collections, and with its callers a hundred times as much memory.
      if (replay.caller.done) this.#detach(replay)
    } catch (error) {
      this.#hooks.broken(error)
      replay.caller.breakOff(asError(error))
    }
  }

  #regulate(): void {
    this.#backpressure.regulate(this.#replays, this.#admission.isOpen)
  }

  #close(): void {
    if (!this.#open) return
    this.#open = false
    this.#hooks.closed()
  }

  #settle(): void {
    if (this.#settled) return
    this.#settled = true
    this.#leader = undefined
    this.#close()
    this.#hooks.settled(this.#followers)
  }
}
