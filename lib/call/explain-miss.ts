import { readAsked, writeAsked } from '../explain/asked.ts'
import { Explainer, type Explanation } from '../explain/explainer.ts'
import type { AskedParts, Entry } from '../stores/entry.ts'
import { publish, reportError } from '../telemetry/diagnostics.ts'
import type { Asker } from './asker.ts'
import type { LookupCall } from './lookup-call.ts'

/**
 * Explains a miss, counts it and publishes it. Never throws.
 *
 * @param entry a stale entry under the call's key
 */
export function explainMiss(
  { context, match, reply }: Asker,
  call: LookupCall,
  entry: Entry | undefined,
): Explanation | undefined {
  try {
    context.explainer ??= new Explainer()
    // Answers that are not judged yet may be what the call should be compared with.
    context.flights.catchUp()
    const { key, identity } = call
    const why = context.explainer.explain({ key, identity, parts: call.parts(), entry })
    const { reason, nearest, differs } = why
    context.inside.missed(differs)
    const { provider, pathname: endpoint } = match
    const { model } = reply
    publish('undici-llm-cache:miss', () => ({ key, provider: provider.id, endpoint, model, reason, nearest, differs }))
    return why
  } catch (error) {
    reportError('explain', error)
    return undefined
  }
}

/** Digests of a call's parts under its caller's secret, to store with its answer. */
export function keptAsked(call: LookupCall): AskedParts | undefined {
  const secret = call.access?.secret()
  return secret === undefined ? undefined : writeAsked(readAsked(call.identity, call.parts(), secret))
}
