import type { Caller, Source } from './caller.ts'
import { copyOf, type Head } from '../undici/head.ts'
import type { Recording } from './recording.ts'

/** Pace of a replay: at once, with the recorded gaps, or with the gaps divided by `speed`. */
export type ReplayMode = 'instant' | 'recorded' | { readonly speed: number }

/** The divisor for gaps; `Infinity` means at once. */
export function speedOf(mode: ReplayMode): number {
  if (mode === 'instant') return Infinity
  return mode === 'recorded' ? 1 : mode.speed
}

/** What a flight is told about one of its callers. */
export interface ReplayOwner {
  /** The caller has paused or resumed, or read more. */
  onProgress(replay: Replay): void
  /** The caller has left before the end. */
  onLeave(replay: Replay, reason: Error): void
}

/** How one replay is presented. */
export interface Play {
  /** Adds our own header fields to the head. */
  readonly decorate: (head: Head) => Head
  /** The divisor for gaps. Default `Infinity`, which means at once. */
  readonly speed?: number
  readonly owner?: ReplayOwner
}

// Milliseconds. No timer is finer, so anything due sooner is due now.
const TICK = 0.5

/**
 * Plays one recording to one caller: first what is already recorded, then the rest as it arrives. Each caller has its
 * own position, so that others are not affected if it pauses, reads slowly or leaves.
 */
export class Replay implements Source {
  readonly caller: Caller
  /** The next chunk. */
  position = 0
  readonly #recording: Recording
  readonly #decorate: (head: Head) => Head
  readonly #speed: number
  readonly #owner: ReplayOwner | undefined
  #headed = false
  #pumping = false
  #timer: NodeJS.Timeout | undefined
  /** When chunk `#planned` is due, in `performance.now()`. */
  #due = 0
  #planned = -1

  constructor(caller: Caller, recording: Recording, play: Play) {
    this.caller = caller
    this.#recording = recording
    this.#decorate = play.decorate
    this.#speed = play.speed ?? Infinity
    this.#owner = play.owner
    caller.source = this
  }

  /** Whether there are chunks that the caller has not read. */
  get behind(): boolean {
    return this.position < this.#recording.length
  }

  onResume(): void {
    this.pump()
    this.#owner?.onProgress(this)
  }

  onPause(): void {
    this.#stopTimer()
    this.#owner?.onProgress(this)
  }

  onLeave(reason: Error): void {
    this.#stopTimer()
    this.#owner?.onLeave(this, reason)
  }

  /**
   * Plays on as far as the recording and the caller allow.
   *
   * @param fresh the newest chunk, as received from the network: one caller can have it without a copy
   */
  pump(fresh?: Buffer): void {
    // A caller that resumes within its onResponseData is served by the loop that called it.
    if (this.#pumping || this.#timer !== undefined) return
    // Before the first handler is called: when it returns, more may be recorded.
    const freshAt = fresh === undefined ? -1 : this.#recording.length - 1
    this.#pumping = true
    try {
      if (this.#playHead()) this.#playChunks(fresh, freshAt)
    } finally {
      this.#pumping = false
    }
  }

  #playHead(): boolean {
    if (this.#headed) return true
    const { head, error } = this.#recording
    if (head === undefined) {
      if (error !== undefined) this.caller.fail(error)
      return false
    }
    this.#headed = true
    if (this.#speed !== Infinity) this.#due = performance.now()
    this.caller.head(this.#decorate(head))
    return true
  }

  #playChunks(fresh: Buffer | undefined, freshAt: number): void {
    const { caller } = this
    while (this.behind) {
      if (caller.paused || caller.done || this.#mustWait()) return
      const at = this.position++
      caller.data(fresh !== undefined && at === freshAt ? fresh : this.#recording.copy(at))
    }
    if (!this.#recording.ended || caller.done) return
    if (this.#recording.error !== undefined) return caller.fail(this.#recording.error)
    // Several callers may share one recording, and each may change what it gets.
    if (!caller.paused) caller.end({ ...this.#recording.trailers }, copyOf(this.#recording.rawTrailers))
  }

  /**
   * Whether the next chunk is not due yet. All chunks are timed from the head, so that a slow timer or a pause does not
   * delay later ones.
   */
  #mustWait(): boolean {
    if (this.#speed === Infinity) return false
    if (this.#planned !== this.position) {
      this.#planned = this.position
      this.#due += this.#recording.gap(this.position) / this.#speed
    }
    const wait = this.#due - performance.now()
    if (wait < TICK) return false
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.pump()
    }, wait)
    return true
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
