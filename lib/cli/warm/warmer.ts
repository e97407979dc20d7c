import { setTimeout as wait } from 'node:timers/promises'
import type { RequestLine } from './request-line.ts'

/** Result of one line. */
export type Outcome =
  /** The call was made. Its answer is cached, unless the cache refuses it. */
  | { readonly is: 'called' }
  /** Its answer was in the cache already. */
  | { readonly is: 'there' }
  | { readonly is: 'failed'; readonly status: number | undefined; readonly message: string }

/** Statuses of temporary failures: the provider is overloaded, or allows no more calls for now. */
const PASSING = new Set([408, 429, 500, 502, 503, 504, 529])
/** Most calls for one line. */
const TRIES = 4
/** Milliseconds before the first retry; then twice as long each time. */
const PAUSE = 1_000
/** Longest time that a provider may ask to wait, in milliseconds. */
const LONGEST_PAUSE = 60_000
/** Characters of a provider's error text that are kept. */
const MESSAGE = 1_000

/** Makes one call through the global fetch, where the cache is installed. Retries temporary failures. */
export async function callOnce(request: RequestLine, headers: Readonly<Record<string, string>>): Promise<Outcome> {
  for (let tries = 1; ; tries++) {
    const { outcome, pause } = await attempt(request, headers)
    if (pause === undefined || tries === TRIES) return outcome
    await wait(pause ?? PAUSE * 2 ** (tries - 1))
  }
}

interface Attempt {
  readonly outcome: Outcome
  /** Milliseconds to wait before a retry; `null` if the provider does not say; `undefined` for no retry. */
  readonly pause: number | null | undefined
}

async function attempt({ url, body }: RequestLine, headers: Readonly<Record<string, string>>): Promise<Attempt> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      // Independent of the policy: whoever warms a cache wants answers stored.
      headers: { 'content-type': 'application/json', ...headers, 'x-llm-cache': 'on' },
      body: JSON.stringify(body),
    })
    const text = await response.text()
    const pause = PASSING.has(response.status) ? pauseOf(response) : undefined
    return { outcome: outcomeOf(response, text), pause }
  } catch (error) {
    const message = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    return { outcome: { is: 'failed', status: undefined, message }, pause: null }
  }
}

function outcomeOf(response: Response, text: string): Outcome {
  const cache = response.headers.get('x-llm-cache')
  const failed = (message: string): Outcome => ({ is: 'failed', status: response.status, message })
  if (!response.ok) return failed(text.slice(0, MESSAGE))
  if (cache === null) return failed('this is no endpoint that is cached (LLM_CACHE_HOSTS names servers of your own)')
  if (cache === 'BYPASS') return failed(`it is never cached: ${response.headers.get('cache-status')}`)
  return cache === 'MISS' || cache === 'REFRESH' ? { is: 'called' } : { is: 'there' }
}

/** https://www.rfc-editor.org/rfc/rfc9110#field.retry-after in seconds, as providers send it. */
function pauseOf(response: Response): number | null {
  const seconds = Number(response.headers.get('retry-after') ?? NaN)
  return Number.isNaN(seconds) ? null : Math.min(seconds * 1000, LONGEST_PAUSE)
}
