import type { Dispatcher } from 'undici'
import { withoutHeaders } from '../request/headers.ts'
import { detail } from '../replay/cache-status.ts'
import { handOut } from '../undici/dispatch.ts'
import { PartialHandler, type PartialPlan } from './partial-handler.ts'

type Dispatch = Dispatcher['dispatch']
type Options = Dispatcher.DispatchOptions

/** Headers tied to this body or this call. With one of them the body can't be changed. */
const BOUND = /^(?:idempotency-key|content-md5|(?:content-|repr-)?digest|x-amz-content-sha256|signature(?:-input)?)$/

/**
 * Asks the provider for the unknown texts of a batch, and delivers the whole answer as if the provider had sent it. If
 * the provider's answer leaves any doubt, the caller's own call is made instead, once.
 */
export class PartialCall {
  /** Parameters of `cache-status`. The note is removed if the caller's own call is made after all. */
  readonly parameters: string[]
  readonly #body: Uint8Array
  readonly #plan: PartialPlan

  /**
   * @param body the caller's body, with only the unknown texts
   * @param known how many of the caller's texts it leaves out, as `3/5`
   */
  constructor(body: Uint8Array, known: string, plan: PartialPlan) {
    this.#body = body
    this.#plan = plan
    this.parameters = ['fwd=miss', detail(`items=${known}`)]
  }

  /** A dispatch that makes this call instead of the one that it is given. */
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
    // undici accepts this shape of `headers`; its types list the shapes one by one.
    return isBound ? undefined : ({ ...opts, headers, body: this.#body } as Options)
  }
}
