import type { Dispatcher } from 'undici'
import { asError } from '../base/errors.ts'

type Controller = Dispatcher.DispatchController

/**
 * The controller of one provider call, possibly wrapped by an interceptor below us. If it throws, the call fails, but
 * nothing is rethrown: the code that pauses, resumes or leaves is not at fault.
 */
export class UpstreamController {
  #controller: Controller | undefined
  readonly #onBroken: (error: Error) => void

  constructor(onBroken: (error: Error) => void) {
    this.#onBroken = onBroken
  }

  /** Whether there is a call to control. */
  get connected(): boolean {
    return this.#controller !== undefined
  }

  /** The call has begun. A retry interceptor below starts again: the newest controller counts. */
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
    } catch {} // it can't be stopped, and goes on unobserved
    this.#onBroken(error)
  }
}
