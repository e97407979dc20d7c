import type { Replay } from '../replay/replay.ts'
import type { LiveRecording } from '../replay/live-recording.ts'
import type { UpstreamController } from '../undici/upstream-controller.ts'

/**
 * Back pressure of one flight: holds the provider back when all who listen have paused, and, once nothing is kept for
 * the store, when the slowest of them is a whole window behind. What all have read is then forgotten, so that memory is
 * bounded by the window.
 */
export class Backpressure {
  readonly #recording: LiveRecording
  readonly #window: number
  /** Replays whose callers have paused. */
  readonly #held = new Set<Replay>()
  readonly #upstream: UpstreamController
  /** Whether the provider is held back. */
  #stopped = false
  /** The one that had read least when that was last looked up. */
  #slowest: Replay | undefined

  /** `window` in bytes. */
  constructor(upstream: UpstreamController, recording: LiveRecording, window: number) {
    this.#upstream = upstream
    this.#recording = recording
    this.#window = window
  }

  /** The provider's side has begun, maybe anew: it is not held back. */
  begin(): void {
    this.#stopped = false
  }

  /** Notes whether a caller has paused. */
  note(replay: Replay): void {
    if (replay.caller.paused) this.#held.add(replay)
    else this.#held.delete(replay)
  }

  /** A caller listens no more. */
  drop(replay: Replay): void {
    this.#held.delete(replay)
  }

  /** To be called after each step. `isKept`: everything is kept, for the store and for callers that may still join. */
  regulate(replays: ReadonlyMap<Replay, unknown>, isKept: boolean): void {
    if (!isKept) this.#forget(replays)
    const upstream = this.#upstream
    if (!upstream.connected || this.#recording.ended) return
    const isFull = !isKept && this.#recording.kept > this.#window
    const stop = replays.size > 0 && (isFull || this.#held.size === replays.size)
    if (stop === this.#stopped) return
    this.#stopped = stop
    if (stop) upstream.pause()
    // undici's parser runs at once when it is resumed, and may not while another one runs: a caller may move from
    // within the data of another call.
    else queueMicrotask(() => !this.#stopped && upstream.resume())
  }

  /** Drops what all have read. Only looks through them when the one that had read least has read on. */
  #forget(replays: ReadonlyMap<Replay, unknown>): void {
    const recording = this.#recording
    if (this.#slowest !== undefined && replays.has(this.#slowest) && this.#slowest.position <= recording.dropped) return
    let least = recording.length
    this.#slowest = undefined
    for (const replay of replays.keys()) {
      if (replay.position > least) continue
      least = replay.position
      this.#slowest = replay
    }
    recording.drop(least)
  }
}
