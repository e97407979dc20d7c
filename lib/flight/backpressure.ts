import type { Replay } from '../replay/replay.ts'
import type { LiveRecording } from '../replay/live-recording.ts'
import type { UpstreamController } from '../undici/upstream-controller.ts'

/**
 * Back pressure of one flight: pauses the provider when all callers have paused, and, once nothing is kept for the
 * store, when the slowest caller is a whole window behind. Chunks that all have read are then dropped, so that memory
 * is limited by the window.
 */
export class Backpressure {
  readonly #recording: LiveRecording
  readonly #window: number
  /** Replays whose callers have paused. */
  readonly #held = new Set<Replay>()
  readonly #upstream: UpstreamController
  /** Whether the provider is paused. */
  #stopped = false
  /** The slowest replay when this was last determined. */
  #slowest: Replay | undefined

  /** @param window in bytes */
  constructor(upstream: UpstreamController, recording: LiveRecording, window: number) {
    this.#upstream = upstream
    this.#recording = recording
    this.#window = window
  }

  /** The provider call has begun, possibly anew: it is not paused. */
  begin(): void {
    this.#stopped = false
  }

  /** Records whether a caller has paused. */
  note(replay: Replay): void {
    if (replay.caller.paused) this.#held.add(replay)
    else this.#held.delete(replay)
  }

  /** Removes a caller. */
  drop(replay: Replay): void {
    this.#held.delete(replay)
  }

  /**
   * Must be called after each step. `isKept`: everything is kept, for the store and for callers that may still join.
   */
  regulate(replays: ReadonlyMap<Replay, unknown>, isKept: boolean): void {
    if (!isKept) this.#forget(replays)
    const upstream = this.#upstream
    if (!upstream.connected || this.#recording.ended) return
    const isFull = !isKept && this.#recording.kept > this.#window
    const stop = replays.size > 0 && (isFull || this.#held.size === replays.size)
    if (stop === this.#stopped) return
    this.#stopped = stop
    if (stop) upstream.pause()
    // Resuming runs undici's parser at once, which must not happen within another parser: a caller may resume while it
    // handles the data of another call.
    else queueMicrotask(() => !this.#stopped && upstream.resume())
  }

  /** Drops what all have read. Compares them only when the slowest one has read on. */
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
