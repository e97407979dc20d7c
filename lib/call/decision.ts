import type { CachePlan } from '../controls/plan.ts'
import type { Found, OtherCall } from '../finders/finder.ts'
import type { Flight } from '../flight/flight.ts'
import { detail } from '../replay/cache-status.ts'
import type { Entry } from '../stores/entry.ts'
import type { Freshness } from '../stores/freshness.ts'

/** What is known of a call; `undefined` for what has not been looked up yet. */
export interface Known {
  readonly plan: Pick<CachePlan, 'read' | 'join' | 'write' | 'only' | 'retry'>
  /** The option `coalesce`. */
  readonly coalesce: boolean
  /** How the entry under the call's own key may be used. */
  readonly freshness: Freshness | undefined
  /** That entry, if there is one. */
  readonly entry: Entry | undefined
  /** Whether this is an SDK's retry that no failure explains: then the stored answer caused it. */
  readonly isProvoked: boolean
  /** A provider call for the same key that this one may join. */
  readonly running: Flight | undefined
  /** The finders' result. */
  readonly found: Found | undefined
}

/** The next step of a call. */
export type Decision =
  /** Look the entry up under the call's own key. */
  | { readonly step: 'look' }
  /** Ask the finders. */
  | { readonly step: 'search' }
  /** Replay a stored answer; with `revalidate`, refresh it in the background. */
  | {
      readonly step: 'serve'
      readonly entry: Entry
      readonly status: 'HIT' | 'STALE'
      /** Parameters of `cache-status`; `undefined` for a plain hit. */
      readonly parameters: readonly string[] | undefined
      readonly revalidate: boolean
      /** Header fields that the finder adds; `undefined` for an entry under the call's own key. */
      readonly fields: readonly string[] | undefined
    }
  /** Share the provider call that another caller has begun. */
  | { readonly step: 'join'; readonly flight: Flight; readonly fallback: Entry | undefined }
  /** Call the provider. */
  | {
      readonly step: 'lead'
      readonly status: 'MISS' | 'REFRESH'
      readonly parameters: readonly string[]
      /** Whether others may join. */
      readonly shared: boolean
      /** A stale answer to serve instead of a failure. */
      readonly fallback: Entry | undefined
      /** The call to make instead of the caller's own. */
      readonly call: OtherCall | undefined
    }
  /** Answer 504, because the provider must not be called (RFC 9111 section 5.2.1.7). */
  | { readonly step: 'timeout' }

const LOOK: Decision = Object.freeze({ step: 'look' })
const SEARCH: Decision = Object.freeze({ step: 'search' })
const TIMEOUT: Decision = Object.freeze({ step: 'timeout' })
const REFRESH: Decision = refresh(['fwd=request'])
const RETRY: Decision = refresh(['fwd=request', detail('retry')])

function refresh(parameters: readonly string[]): Decision {
  return Object.freeze({
    step: 'lead',
    status: 'REFRESH',
    parameters,
    shared: false,
    fallback: undefined,
    call: undefined,
  })
}

/** The next step of a call. Pure. Called again after each step that has added to what is known. */
export function decide(known: Known): Decision {
  const { plan, freshness, found, running, isProvoked } = known
  if (freshness === undefined) return withoutLook(plan)
  const stored = fromStore(known)
  if (stored !== undefined) return stored
  // A flight with the same key comes before anything that finders may find. A provoked retry wants an answer that is
  // not stored.
  if (found === undefined && running === undefined && !isProvoked) return SEARCH
  if (found?.use === 'all') return fromFinder(found)
  return plan.only ? TIMEOUT : fromProvider(known)
}

function withoutLook({ only, read, retry }: Known['plan']): Decision {
  if (read || retry) return LOOK
  return only ? TIMEOUT : REFRESH
}

function fromStore({ entry, freshness, isProvoked }: Known): Decision | undefined {
  if (entry === undefined || (freshness?.use !== 'hit' && freshness?.use !== 'stale')) return undefined
  if (isProvoked) return RETRY
  if (freshness.use === 'hit') return serve(entry, 'HIT', undefined)
  const { revalidate } = freshness
  const why = detail(revalidate ? 'stale-while-revalidate' : 'max-stale')
  return serve(entry, 'STALE', ['hit', why], revalidate)
}

function fromFinder({ entry, detail: how, fields }: Found & { use: 'all' }): Decision {
  return serve(entry, 'HIT', how === undefined ? undefined : ['hit', detail(how)], false, fields)
}

function serve(
  entry: Entry,
  status: 'HIT' | 'STALE',
  parameters: readonly string[] | undefined,
  revalidate = false,
  fields?: readonly string[],
): Decision {
  return { step: 'serve', entry, status, parameters, revalidate, fields }
}

function missed(found: Found | undefined): readonly string[] {
  return found?.use === 'none' && found.detail !== undefined ? ['fwd=miss', detail(found.detail)] : ['fwd=miss']
}

function fromProvider({ plan, coalesce, entry, freshness, running, found }: Known): Decision {
  const fallback = freshness?.use === 'fallback' ? entry : undefined
  if (running !== undefined) return { step: 'join', flight: running, fallback }
  const call = found?.use === 'some' && fallback === undefined ? found.call : undefined
  const parameters = call?.parameters ?? missed(found)
  const shared = coalesce && (plan.join || plan.retry) && plan.write
  return { step: 'lead', status: 'MISS', parameters, shared, fallback, call }
}
