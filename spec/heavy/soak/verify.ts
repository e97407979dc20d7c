import { answerTo, ERROR_BODY, ERROR_TAIL, promptOf, textTo } from './answer.ts'
import { bodyOf } from './doors.ts'
import { type CallPlan, HARMLESS } from './plan.ts'
import type { Outcome } from './taker.ts'

const FROM_MEMORY: ReadonlySet<string> = new Set(['HIT', 'STALE'])
const STATUSES: ReadonlySet<string> = new Set([...FROM_MEMORY, 'MISS', 'COALESCED', 'REFRESH', 'BYPASS'])

/** What is wrong with an outcome, or `undefined`: bytes of another prompt, a failure that nobody caused. */
export function problemOf(plan: CallPlan, outcome: Outcome): string | undefined {
  const { prompt, stream } = promptOf(bodyOf(plan))
  const pieces = answerTo(prompt, stream)
  const whole = outcome.gives === 'text' ? textTo(prompt) : pieces.join('')
  if (plan.body === 'failing') return outcome.end === 'whole' ? 'answers a body that broke' : undefined
  if (outcome.status !== undefined && !STATUSES.has(outcome.cache ?? '')) {
    return `says ${outcome.cache} of the cache`
  }
  if (isWhole(outcome, whole)) return undefined
  if (!mayBePart(outcome, whole, pieces)) return 'gives bytes that belong to no answer to its prompt'
  if (outcome.end === 'left') return undefined
  if (FROM_MEMORY.has(outcome.cache ?? '')) return 'gives less than a whole answer from memory'
  return HARMLESS.has(outcome.served ?? '') ? 'fails though the provider did not' : undefined
}

/**
 * Whether a call failed before its head though the provider would have answered it well: right only where it shared
 * another call's failure.
 */
export function failsEarly({ body, trouble }: CallPlan, { status, end }: Outcome): boolean {
  return body !== 'failing' && status === undefined && end === 'failed' && HARMLESS.has(trouble.kind)
}

/** Whether an outcome is all that it should be. */
function isWhole({ end, status, received }: Outcome, whole: string): boolean {
  return end === 'whole' && status === 200 && received === whole
}

/** Whether what came is the beginning of an answer to the prompt, a failure of the provider's included. */
function mayBePart({ received, gives, status }: Outcome, whole: string, pieces: readonly string[]): boolean {
  if (whole.startsWith(received)) return true
  if (gives === 'text') return false
  if (ERROR_BODY.startsWith(received)) return true
  let sent = ''
  for (const piece of [...pieces, '']) {
    if (received.startsWith(sent) && ERROR_TAIL.startsWith(received.slice(sent.length))) return status === 200
    sent += piece
  }
  return false
}
