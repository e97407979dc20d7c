import { digest } from '../../base/digest.ts'
import type { JsonObject } from '../../base/json.ts'
import { showCount } from '../../base/units.ts'
import type { Usage } from '../../providers/answer.ts'
import { type Minimum, minimumOf } from './minimums.ts'
import { type Prompt, promptOf } from './prompt.ts'

/** An advice about a provider's own prompt cache: why it is not used. */
export interface PromptAdvice {
  /**
   * `below-minimum`: the breakpoints are so early that nothing is cached. `retired-beta`: a beta header that no longer
   * has an effect. `no-reads`: the provider found none of these prompts in its cache, several times in a row.
   */
  readonly code: 'below-minimum' | 'retired-beta' | 'no-reads'
  /** Id of the provider's row. */
  readonly provider: string
  readonly model: string | undefined
  /** Text for people. Lengths are estimates. */
  readonly text: string
  /** The provider's page about this. */
  readonly docs: string
}

/** The parts of a request that concern the provider's prompt cache. */
export interface PromptRequest {
  readonly provider: string
  readonly model: string | undefined
  readonly body: JsonObject
  /** Value of `anthropic-beta`, if it is sent. */
  readonly beta: string | undefined
}

/** What is kept of a request until its answer comes. Contains none of its text. */
export interface ReadRequest {
  readonly provider: string
  readonly model: string | undefined
  readonly minimum: Minimum
  /** Whether the request has breakpoints. */
  readonly isMarked: boolean
  /** Equal for requests that should share an entry of the provider's cache; `undefined` if none is expected. */
  readonly id: string | undefined
  /** Advice that follows from the request alone. */
  readonly advice: readonly PromptAdvice[]
}

/** The most common minimum, for models whose minimum is unknown. */
const USUAL: Minimum = { tokens: 1_024, docs: 'https://developers.openai.com/api/docs/guides/prompt-caching' }

/**
 * Tokens are estimated, since counting them would need each model's tokenizer. Texts show an estimate of 4 characters a
 * token. So that no advice is wrong, a prompt counts as too short only if it is at 2 bytes a token, and as long enough
 * only if it is at 5 characters a token.
 */
const USUAL_CHARACTERS = 4
const LEAST_BYTES = 2
const MOST_CHARACTERS = 5
/** Tokens that a provider may add to a prompt with tools. */
const TOOLS_PROMPT = 1_000

const BETA = 'prompt-caching-2024-07-31'
const ANTHROPIC = 'https://platform.claude.com/docs/en/build-with-claude/prompt-caching'

/** Reads a request. Takes as long as parsing its body, so it is done only while somebody listens. */
export function readRequest(request: PromptRequest): ReadRequest {
  const { provider, model, body } = request
  const minimum = minimumOf(model ?? '') ?? USUAL
  const prompt = promptOf(body, minimum.tokens * MOST_CHARACTERS)
  const isMarked = prompt.marked !== undefined
  return { provider, model, minimum, isMarked, id: idOf(request, minimum, prompt), advice: adviseOn(request, prompt) }
}

/** Requests with breakpoints are expected to be cached; without breakpoints, only those whose prompts begin alike. */
function idOf({ provider, model }: PromptRequest, minimum: Minimum, prompt: Prompt): string | undefined {
  if (prompt.marked !== undefined) return JSON.stringify([provider, model])
  const isLong = prompt.start.length >= minimum.tokens * MOST_CHARACTERS
  return isLong ? JSON.stringify([provider, model, digest(prompt.start)]) : undefined
}

function adviseOn({ provider, model, beta = '' }: PromptRequest, prompt: Prompt): PromptAdvice[] {
  const advice: PromptAdvice[] = []
  if (beta.includes(BETA)) {
    const text = `the header anthropic-beta: ${BETA} is retired and does nothing; prompt caching needs none`
    advice.push({ code: 'retired-beta', provider, model, text, docs: ANTHROPIC })
  }
  const minimum = minimumOf(model ?? '')
  if (minimum === undefined || prompt.marked === undefined || prompt.hasMedia) return advice
  const most = prompt.marked / LEAST_BYTES + (prompt.hasTools ? TOOLS_PROMPT : 0)
  if (most >= minimum.tokens) return advice
  const estimate = showCount(Math.ceil(prompt.markedLength / USUAL_CHARACTERS))
  const text =
    `a breakpoint for the provider's cache lies after about ${estimate} tokens (an estimate: characters / 4), ` +
    `and this model caches from ${showCount(minimum.tokens)} on: nothing is cached`
  return [...advice, { code: 'below-minimum', provider, model, text, docs: minimum.docs }]
}

/** How many answers in a row without a cache read lead to advice. */
const ENOUGH = 5
const MAX_STREAKS = 1_000

/** Detects prompts that the provider should have had in its cache, several times in a row, but did not. */
export class RepeatedMisses {
  /** Answers in a row without a read, by {@link ReadRequest.id}; oldest first. */
  readonly #streaks = new Map<string, number>()

  /** Counts an answer. Returns advice with the fifth in a row. */
  answered(request: ReadRequest, usage: Usage | undefined): PromptAdvice | undefined {
    const { id } = request
    // A provider that reports no cache figures may have no cache.
    if (id === undefined || usage?.cachedTokens === undefined || usage.inputTokens < request.minimum.tokens) return
    const streak = usage.cachedTokens > 0 ? 0 : (this.#streaks.get(id) ?? 0) + 1
    this.#streaks.delete(id)
    if (streak > 0) this.#streaks.set(id, streak)
    const [oldest] = this.#streaks.keys()
    if (this.#streaks.size > MAX_STREAKS && oldest !== undefined) this.#streaks.delete(oldest)
    return streak === ENOUGH ? noReads(request) : undefined
  }
}

function noReads({ provider, model, minimum, isMarked }: ReadRequest): PromptAdvice {
  const calls = `${ENOUGH} calls in a row ${isMarked ? 'with breakpoints' : 'that begin alike'}`
  const why = isMarked ? 'what comes before them may change (a date, an id, the order of tools), or ' : ''
  const what = `${calls} were answered with no token from the provider's cache: ${why}more time may lie between calls than it keeps a prompt`
  const text = provider === 'openrouter' ? `${what}. ${OPENROUTER}` : what
  return { code: 'no-reads', provider, model, text, docs: provider === 'openrouter' ? OPENROUTER_DOCS : minimum.docs }
}

const OPENROUTER_DOCS = 'https://openrouter.ai/docs/guides/best-practices/prompt-caching'

/** How to see whether caching works through OpenRouter. */
export const OPENROUTER: string =
  'OpenRouter reports no cache writes: a read in the second call is what shows that caching works. That it stays with one ' +
  'provider, which is what holds the cache, is best effort'
