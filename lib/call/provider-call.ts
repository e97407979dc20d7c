import type { Dispatcher } from 'undici'
import { Flight } from '../flight/flight.ts'
import type { Urgency } from '../flight/flight-hooks.ts'
import { publish } from '../telemetry/diagnostics.ts'
import type { CacheContext } from './context.ts'
import { AnswerKeeper, type ProviderCall } from './store-answer.ts'

/**
 * Makes the flight of one call and enters it. `alone`: for its caller only; `shared`: others may join; `behind`: it refreshes a stale answer that has been served, whoever joins or leaves. It does not start the call.
 */
export function startProviderCall(core: CacheContext, call: ProviderCall, kind: 'alone' | 'shared' | 'behind'): Flight {
  const log = new AnswerKeeper(core, call)
  const { options, flights } = core
  const later = (urgency: Urgency): void => {
    log.arrived()
    flights.later(flight, urgency)
  }
  const flight: Flight = new Flight({
    route: call,
    target: log.target,
    maxEntrySize: options.maxEntrySize,
    onAbandon: kind === 'behind' ? 'finish' : options.onAbandon,
    now: () => performance.now(),
    judge: (head, onTurn) => log.judge(head, onTurn),
    store: (recording, verdict) => log.store(recording, verdict),
    retract: () => log.retract(),
    refused: (reason) => log.refused(reason),
    failed: (callers) => core.retries.failed(call.key, callers),
    closed: () => flights.close(flight),
    settled: (followers) => {
      flights.remove(flight)
      log.settled(followers)
    },
    broken: (error) => publish('undici-llm-cache:error', () => ({ where: 'answer', reason: 'internal', error })),
    // What is only in memory must be there when somebody looks. A second tier is read by others, and outlives a process
    // that ends right after the answer.
    ...(options.store === undefined && { later }),
  })
  flights.add(flight, kind !== 'alone')
  return flight
}

/** Sends one flight's call on its way; what `dispatch` throws reaches the callers as undici's own errors do. */
export function send(flight: Flight, dispatch: Dispatcher['dispatch'], opts: Dispatcher.DispatchOptions): void {
  try {
    dispatch(opts, flight)
  } catch (error) {
    flight.fail(error)
  }
}
