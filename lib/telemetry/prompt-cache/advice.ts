import { digest } from '../../base/digest.ts'
import type { JsonObject } from '../../base/json.ts'
import { showCount } from '../../base/units.ts'
import type { Usage } from '../../providers/answer.ts'
import { type Minimum, minimumOf } from './minimums.ts'
import { type Prompt, promptOf } from './prompt.ts'

/** What keeps a provider's own prompt cache from being used. */
export interface PromptAdvice {
  /**
   * `below-minimum`: a breakpoint lies so early that nothing is cached. `retired-beta`: a header that does nothing any
   * more. `no-reads`: the provider has had nothing of these prompts in its cache, again and again.
   */
  readonly code: 'below-minimum' | 'retired-beta' | 'no-reads'
  /** Id of the provider's row. */
  readonly provider: string
  readonly model: string | undefined
  /** For a person. Lengths are estimates. */
  readonly text: string
  /** The provider's page. */
  readonly docs: string
}

/** A request, as far as it concerns the provider's prompt cache. */
export interface PromptRequest {
  readonly provider: string
  readonly model: string | undefined
  readonly body: JsonObject
  /** `anthropic-beta`, where it is sent. */
  readonly beta: string | undefined
}

/** What is known of a request until its answer comes: nothing of what it says. */
export interface ReadRequest {
  readonly provider: string
  readonly model: string | undefined
  readonly minimum: Minimum
  /** Whether it has breakpoints. */
  readonly isMarked: boolean
  /** Equal for requests that should share an entry of the provider's cache; `undefined` if none is expected. */
  readonly id: string | undefined
  /** What the request alone shows. */
  readonly advice: readonly PromptAdvice[]
}

/** For models whose minimum is not known: what most have. */
const USUAL: Minimum = { tokens: 1_024, docs: 'https://developers.openai.com/api/docs/guides/prompt-caching' }

/**
 * Tokens are not counted here, which would take each model's own tokenizer. Texts show an estimate of 4 characters a
 * token. So that no advice is wrong, a prompt counts as too short only if it is so at 2 bytes a token, and as long
 * enough only if it is so at 5 characters a token.
 */
const USUAL_CHARACTERS = 4
const LEAST_BYTES = 2
const MOST_CHARACTERS = 5
/** What a provider may add to the prompt by itself where there are tools. */
const TOOLS_PROMPT = 1_000

const BETA = 'prompt-caching-2024-07-31'
const ANTHROPIC = 'https://platform.claude.com/docs/en/build-with-claude/prompt-caching'

/** Reads a request, which takes as long as to parse its body: only done while somebody listens. */
export function readRequest(request: PromptRequest): ReadRequest {
  const { provider, model, body } = request
  const minimum = minimumOf(model ?? '') ?? USUAL
  const prompt = promptOf(body, minimum.tokens * MOST_CHARACTERS)
  const isMarked = prompt.marked !== undefined
  return { provider, model, minimum, isMarked, id: idOf(request, minimum, prompt), advice: adviseOn(request, prompt) }
}

/** Requests with breakpoints are expected to be cached. Without breakpoints, only those whose prompts begin alike. */
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

/** How many answers in a row without a read lead to an advice. */
const ENOUGH = 5
const MAX_STREAKS = 1_000

/** Notices prompts that the provider should have had in its cache, and has not, again and again. */
export class RepeatedMisses {
  /** By what should have been there, oldest first. */
  readonly #streaks = new Map<string, number>()

  /** An answer to a request; gives advice with the fifth in a row. */
  answered(request: ReadRequest, usage: Usage | undefined): PromptAdvice | undefined {
    const { id } = request
    // A provider that says nothing of its cache may have none.
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

/** How to see whether it works through OpenRouter. */
export const OPENROUTER: string =
  'OpenRouter reports no cache writes: a read in the second call is what shows that caching works. That it stays with one ' +
  'provider, which is what holds the cache, is best effort'
