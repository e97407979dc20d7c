import { answerTo, ERROR_BODY, ERROR_TAIL, promptOf, textTo } from './answer.ts'
import { bodyOf } from './doors.ts'
import type { CallPlan } from './plan.ts'
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
  const isRight = outcome.end === 'whole' && outcome.status === 200 && outcome.received === whole
  if (isRight) return undefined
  if (!mayBePart(outcome, whole, pieces)) return 'gives bytes that belong to no answer to its prompt'
  if (outcome.end === 'left') return undefined
  if (FROM_MEMORY.has(outcome.cache ?? '')) return 'gives less than a whole answer from memory'
  const isFollower = outcome.cache === 'COALESCED'
  // Before the head nobody can tell whose call it was: a follower gets its leader's failure.
  const mayFollow = isFollower || outcome.cache === undefined
  const isHarmless = ['none', 'slow', 'gzip'].includes(plan.trouble.kind)
  return isHarmless && !mayFollow ? 'fails though the provider did not' : undefined
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
