import { Flight } from '../flight/flight.ts'
import type { Urgency } from '../flight/flight-hooks.ts'
import { reportError } from '../telemetry/diagnostics.ts'
import type { CacheContext } from './context.ts'
import { AnswerKeeper, type ProviderCall } from './store-answer.ts'

/**
 * Creates the flight of one call and registers it, but does not start the call. `alone`: only for its caller. `shared`:
 * others may join. `behind`: it refreshes a stale answer that has been served, whoever joins or leaves.
 */
export function startProviderCall(
  context: CacheContext,
  call: ProviderCall,
  kind: 'alone' | 'shared' | 'behind',
): Flight {
  const keeper = new AnswerKeeper(context, call)
  call.searches.began()
  const { options, flights } = context
  const later = (urgency: Urgency): void => {
    keeper.arrived()
    // At once: a caller that has read an answer to its end may ask another process, which must find it in the store.
    if (urgency === 'ended' && options.store !== undefined) flight.catchUp()
    else flights.later(flight, urgency)
  }
  const flight: Flight = new Flight({
    route: call,
    target: keeper.target,
    maxEntrySize: options.maxEntrySize,
    onAbandon: kind === 'behind' ? 'finish' : options.onAbandon,
    now: () => performance.now(),
    judge: (head, onTurn) => keeper.judge(head, onTurn),
    store: (recording, verdict) => keeper.store(recording, verdict),
    retract: () => keeper.retract(),
    refused: (reason) => keeper.refused(reason),
    failed: (callers) => context.retries.failed(call.key, callers),
    closed: () => flights.close(flight),
    settled: (followers) => {
      flights.remove(flight)
      keeper.settled(followers)
    },
    broken: (error) => reportError('answer', error),
    later,
  })
  const use = call.plan.write ? 'stored' : 'none'
  flights.add(flight, kind === 'alone' ? use : 'joined')
  return flight
}
