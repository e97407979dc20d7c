import type { Dispatcher } from 'undici'
import { withoutHeaders } from '../request/headers.ts'
import { detail } from '../replay/cache-status.ts'
import { handOut } from '../undici/dispatch.ts'
import { PartialHandler, type PartialPlan } from './partial-handler.ts'

type Dispatch = Dispatcher['dispatch']
type Options = Dispatcher.DispatchOptions

/** Headers that belong to the very body, or to one call. With one of them the body can't be changed. */
const BOUND = /^(?:idempotency-key|content-md5|(?:content-|repr-)?digest|x-amz-content-sha256|signature(?:-input)?)$/

/**
 * Asks the provider for the unknown texts of a batch, and hands on the whole answer as if the provider had given it.
 * Where its answer leaves any doubt, the caller's own call is made instead, once.
 */
export class PartialCall {
  /** For `cache-status`. It loses its note if the caller's own call is made after all. */
  readonly parameters: string[]
  readonly #body: Uint8Array
  readonly #plan: PartialPlan

  /**
   * `body`: the caller's, with the unknown texts only. `known`: how many of the caller's texts it leaves out, as `3/5`.
   */
  constructor(body: Uint8Array, known: string, plan: PartialPlan) {
    this.#body = body
    this.#plan = plan
    this.parameters = ['fwd=miss', detail(`items=${known}`)]
  }

  /** A dispatch that makes this call in the place of the one that it is given. */
  over(dispatch: Dispatch): Dispatch {
    return (opts, handler) => {
      const own = (): boolean => {
        this.parameters.length = 1
        return dispatch(opts, handler)
      }
      const partial = this.#options(opts)
      return partial === undefined ? own() : dispatch(partial, handOut(new PartialHandler(handler, this.#plan, own)))
    }
  }

  #options(opts: Options): Options | undefined {
    let isBound = false
    const headers = withoutHeaders(opts.headers, (name) => {
      isBound ||= BOUND.test(name)
      return name === 'content-length'
    })
    // `headers` is of a shape that undici takes; its types list them one by one.
    return isBound ? undefined : ({ ...opts, headers, body: this.#body } as Options)
  }
}
