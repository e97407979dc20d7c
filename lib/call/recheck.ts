import type { Dispatcher } from 'undici'
import type { Refusal } from '../base/reasons.ts'
import { REFUSALS_BY_OPTION } from '../judge/verdict.ts'
import type { Entry } from '../stores/entry.ts'
import { reportError } from '../telemetry/diagnostics.ts'
import type { CacheContext } from './context.ts'
import { startProviderCall } from './provider-call.ts'
import type { ProviderCall } from './store-answer.ts'
import { dispatchTo } from '../undici/dispatch.ts'

/** Bytes of the largest answer that is checked. Comparing two of them blocks the event loop for 50 ms. */
const LARGEST = 1024 * 1024

/** Whether this hit is in the share to check (option `revalidateShare`). */
export function isChecked(
  { options, flights }: CacheContext,
  { key, facts, plan }: RecheckedCall,
  { size }: Pick<Entry, 'size'>,
): boolean {
  if (Math.random() >= options.revalidateShare) return false
  // An answer that depends on the outside world or a clock may rightly differ, and the call may have side effects.
  return plan.write && facts.veto === undefined && size <= LARGEST && !flights.has(key)
}

type RecheckedCall = Pick<ProviderCall, 'key' | 'facts' | 'plan'>

/**
 * Refusals of complete answers, which differ from the stored one. With any other refusal there is nothing to compare.
 */
const REFUSED_WHOLE: ReadonlySet<Refusal> = new Set(Object.values(REFUSALS_BY_OPTION))

/** Repeats the call of a hit in the background: the new answer replaces the stored one, and is compared with it. */
export function recheck(
  context: CacheContext,
  call: ProviderCall,
  stored: Entry,
  dispatch: Dispatcher['dispatch'],
  upstream: Dispatcher.DispatchOptions,
): void {
  const settled = (fresh: Entry | undefined, refusal: Refusal | undefined): void => {
    const told = refusal !== undefined && REFUSED_WHOLE.has(refusal) ? 'different' : 'failed'
    if (fresh === undefined) context.inside.drifted(call.facts.model, told)
    else void compare(context, call, stored, fresh)
  }
  dispatchTo(dispatch, upstream, startProviderCall(context, { ...call, settled }, 'behind'))
}

async function compare(
  context: CacheContext,
  { match, facts }: ProviderCall,
  stored: Entry,
  fresh: Entry,
): Promise<void> {
  try {
    const { isSameAnswer } = await import('../drift/compare.ts')
    const { options, semantic } = context
    const isSame = await isSameAnswer(stored, fresh, {
      format: match.endpoint.format.id,
      maxSize: options.maxEntrySize,
      isSimilar: semantic && ((left, right) => semantic.isSimilar(left, right)),
    })
    context.inside.drifted(facts.model, isSame ? 'equal' : 'different')
  } catch (error) {
    context.inside.drifted(facts.model, 'failed')
    reportError('drift', error)
  }
}
