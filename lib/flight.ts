import type { Dispatcher } from 'undici'
import type { Failure, FlightPlan, Rescue, Route } from './flight-plan.ts'
import { Flow } from './flow.ts'
import type { Refusal } from './reasons.ts'
import { asError, type Caller } from './response/caller.ts'
import { flattenHeaders, type Head } from './response/head.ts'
import type { Judge, Verdict } from './response/judge.ts'
import { buffersOf, trailersOf } from './response/live.ts'
import { type Play, Replay, type ReplayOwner } from './response/replay.ts'
import { LiveTape } from './response/tape.ts'
import type { FilterTarget } from './stores/memory.ts'

type Handler = Required<Dispatcher.DispatchHandler>
type Controller = Dispatcher.DispatchController

/**
 * One provider call and all who wait for it: records, judges, and plays the recording to each caller. The first caller
 * leads only in that it came first; its leaving hurts nobody.
 */
export class Flight implements Handler, ReplayOwner {
  readonly tape: LiveTape = new LiveTape()
  readonly #plan: FlightPlan
  readonly #replays = new Map<Replay, Rescue | undefined>()
  readonly #flow: Flow
  #leader: Caller | undefined
  #followers = 0
  #judge: Judge | undefined
  #verdict: Verdict | undefined
  #storedSize = -1
  #open = true
  #settled = false
  /** The provider has ended its answer, or broken off. */
  #hasFinished = false
  #abandoned: Error | undefined
  #deserted = false

  constructor(plan: FlightPlan) {
    this.#plan = plan
    this.#flow = new Flow(this.tape, plan.maxEntrySize)
  }

  get route(): Route {
    return this.#plan.route
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
    this.#flow.note(replay)
    this.#play(replay)
    this.#regulate()
  }

  /** The call could not be dispatched at all. */
  fail(thrown: unknown): void {
    if (!this.#isOver) this.#broke(asError(thrown))
  }

  /** The answer's key was cleared: whatever comes is delivered, never stored. */
  clear(): void {
    if (!this.#settled) this.#refuse('cleared')
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#flow.connect(controller)
    this.#leader?.extendContext(context)
    if (this.#abandoned === undefined) this.#regulate()
    else controller.abort(this.#abandoned)
  }

  onRequestUpgrade(...[controller, status, headers, socket]: Parameters<Handler['onRequestUpgrade']>): void {
    this.#refuse('status')
    this.#leader?.upgrade(buffersOf(controller.rawHeaders), status, headers, socket)
    this.#settle()
  }

  onResponseStart(...[controller, status, headers, statusText = '']: Parameters<Handler['onResponseStart']>): void {
    if (status < 200) {
      for (const { caller } of this.#replays.keys()) {
        caller.inform(buffersOf(controller.rawHeaders), status, headers, statusText)
      }
      return
    }
    if (this.#isOver) return
    const head = { status, statusText, headers: flattenHeaders(controller.rawHeaders, headers) }
    this.tape.start(head, this.#plan.now())
    this.#guard(() => this.#begin(head))
    if (status !== 200) this.#failed({ status })
    this.#pump()
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    if (this.#isOver) return
    // The first reader is given the network's own chunk, and may change it: what is kept is a copy.
    if (this.#recording || this.#replays.size > 1) this.tape.record(chunk, this.#plan.now())
    else this.tape.append(chunk, this.#plan.now())
    if (this.#recording) {
      if (this.tape.size > this.#plan.maxEntrySize) this.#refuse('too-large')
      else this.#guard(() => this.#judge?.write(chunk))
    }
    this.#pump(chunk)
  }

  // The end is told once the verdict is in: who has read an answer to its end finds it stored. That differs from at once
  // only where a content coding is undone beside the caller.
  onResponseEnd(...[controller, trailers]: Parameters<Handler['onResponseEnd']>): void {
    if (this.#isOver) return
    const end = [trailersOf(trailers), buffersOf(controller.rawTrailers)] as const
    this.#finish(true, () => this.tape.end(...end))
  }

  onResponseError(_controller: Controller, error: Error): void {
    if (!this.#isOver) this.#broke(error)
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

  moved(replay: Replay): void {
    this.#flow.note(replay)
    this.#regulate()
  }

  left(replay: Replay, reason: Error): void {
    this.#detach(replay)
    if (!this.#isOver) {
      this.#deserted = true
      // SDKs leave right after the marker: such a caller has its answer.
      if (this.#storedSize < 0) this.#plan.failed(1)
      if (this.#isIdle && (this.#plan.onAbandon === 'abort' || !this.#recording)) return this.#abandon(reason)
    }
    this.#regulate()
  }

  /** Whether what comes is kept whole: for the store, and for those who may still join. */
  get #recording(): boolean {
    return this.#verdict?.store !== false
  }

  get #isOver(): boolean {
    return this.tape.ended || this.#hasFinished
  }

  get #isIdle(): boolean {
    return this.#replays.size === 0
  }

  #detach(replay: Replay): void {
    this.#replays.delete(replay)
    this.#flow.drop(replay)
  }

  /** Nobody listens and nothing will be kept: the call ends. */
  #abandon(reason: Error): void {
    this.#close()
    this.#abandoned ??= reason
    this.#flow.abort(reason)
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
    this.#guard(() => {
      const refusal = this.#plan.store(this.tape, verdict)
      if (refusal !== undefined) this.#refuse(refusal)
    })
  }

  #refuse(reason: Refusal): void {
    if (!this.#recording) return
    this.#verdict = { store: false, reason }
    this.#judge = undefined
    this.#close()
    if (this.#storedSize >= 0) this.#guard(() => this.#plan.retract())
    this.#plan.refused(reason)
    if (this.#isIdle && !this.#isOver) this.#abandon(new DOMException('Nobody waits for the answer', 'AbortError'))
  }

  #finish(clean: boolean, end?: () => void): void {
    this.#hasFinished = true
    this.#flow.disconnect()
    let verdict: ReturnType<Judge['finish']> | undefined
    this.#guard(() => {
      verdict = this.#judge?.finish(clean)
    })
    if (!(verdict instanceof Promise)) return this.#conclude(verdict, clean, end)
    verdict.then(
      (late) => this.#conclude(late, clean, end),
      (error: unknown) => {
        this.#break(error)
        this.#conclude(undefined, clean, end)
      },
    )
  }

  #conclude(verdict: Verdict | undefined, clean: boolean, end?: () => void): void {
    end?.()
    if (this.#recording) {
      if (verdict?.store === true) this.#store(verdict)
      else this.#refuse(this.#whyNot(verdict, clean))
    }
    this.#settle()
    if (clean) this.#pump()
  }

  #whyNot(verdict: Verdict | undefined, clean: boolean): Refusal {
    if (!clean && (verdict === undefined || (!verdict.store && verdict.reason === 'incomplete'))) {
      return this.#abandoned === undefined ? 'network' : 'aborted'
    }
    return verdict?.store === false ? verdict.reason : 'incomplete'
  }

  #failed(failure: Failure): void {
    let unhelped = 0
    for (const [replay, rescue] of this.#replays) {
      if (this.#rescue(failure, rescue)) this.#detach(replay)
      else unhelped++
    }
    this.#plan.failed(unhelped)
    if (this.#isIdle && !this.#isOver) this.#abandon(new DOMException('Nobody waits for the answer', 'AbortError'))
  }

  #rescue(failure: Failure, rescue: Rescue | undefined): boolean {
    try {
      return rescue?.(failure) === true
    } catch (error) {
      this.#plan.broken(error)
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

  /** What goes wrong with one caller is no other caller's affair. */
  #play(replay: Replay, fresh?: Buffer): void {
    try {
      replay.pump(fresh)
    } catch (error) {
      this.#plan.broken(error)
      replay.caller.abort(asError(error))
    }
  }

  #regulate(): void {
    this.#flow.regulate(this.#replays, this.#recording)
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
  }
}
