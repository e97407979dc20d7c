import type { Dispatcher } from 'undici'
import { asError } from '../base/errors.ts'

type Controller = Dispatcher.DispatchController

/**
 * The controller of one provider call, as an interceptor below us may have wrapped it. What it throws fails the call,
 * and is never thrown on: whoever pauses, reads on or leaves has no part in it.
 */
export class UpstreamController {
  #controller: Controller | undefined
  readonly #onBroken: (error: Error) => void

  constructor(onBroken: (error: Error) => void) {
    this.#onBroken = onBroken
  }

  /** Whether there is a call to steer. */
  get connected(): boolean {
    return this.#controller !== undefined
  }

  /** The call has begun. A retry interceptor below begins anew: the newest controller counts. */
  connect(controller: Controller): void {
    this.#controller = controller
  }

  /** The call is over. */
  disconnect(): void {
    this.#controller = undefined
  }

  pause(): void {
    this.#steer((controller) => controller.pause())
  }

  resume(): void {
    this.#steer((controller) => controller.resume())
  }

  /** Ends the call, if it has begun. */
  abort(reason: Error): void {
    this.#steer((controller) => controller.abort(reason))
  }

  #steer(act: (controller: Controller) => void): void {
    const controller = this.#controller
    if (controller === undefined) return
    try {
      act(controller)
    } catch (thrown) {
      this.#controller = undefined
      this.#giveUp(controller, asError(thrown))
    }
  }

  #giveUp(controller: Controller, error: Error): void {
    try {
      controller.abort(error)
    } catch {} // it can't be stopped: it goes on unheard
    this.#onBroken(error)
  }
}
