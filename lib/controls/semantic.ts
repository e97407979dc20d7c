import type { FastRouterControl } from './dialects/fastrouter.ts'

/** Values for matching by meaning in a call, a scope or a rule. */
export const SEMANTIC_SWITCHES = ['on', 'off', 'shadow'] as const

/**
 * `on`: a question with the same meaning may supply the answer. `off`: it may not. `shadow`: the call goes live, and
 * what would have matched is counted.
 */
export type SemanticSwitch = (typeof SEMANTIC_SWITCHES)[number]

/**
 * How much of a conversation two calls must have in common besides the question. `'full'`: all of it. `{ lastTurns: n
 * }`: the last n turns before the question, where a turn is a user message with its answer. `'last-message'`: none of
 * it. The latter two are risky: "and in Rome?" means something else in every conversation. Instructions (system
 * messages), tools and parameters must always be equal.
 */
export type Conversation = 'full' | 'last-message' | { readonly lastTurns: number }

/** The option `semantic`, as far as a plan needs it. */
export interface SemanticDefaults {
  readonly mode: 'on' | 'opt-in' | 'shadow'
  readonly threshold: number
  readonly conversation: Conversation
  /** Whether there is an embedder. */
  readonly embed?: unknown
}

/** How one call may be answered with the answer to another question. */
export interface SemanticPlan {
  /** `shadow`: it may not, but matches are counted. */
  readonly mode: 'on' | 'shadow'
  /** Least similarity, 0 … 1; `undefined`: only equal texts match. */
  readonly threshold: number | undefined
  readonly conversation: Conversation
}

/** The layers that decide, nearest first. */
export interface SemanticLayers {
  readonly header: SemanticSwitch | undefined
  /** `x-llm-cache-threshold`. */
  readonly threshold: number | undefined
  readonly fastRouter: FastRouterControl | undefined
  readonly scope: SemanticSwitch | undefined
  readonly rule: SemanticSwitch | undefined
  /** `undefined` without the option. */
  readonly defaults: SemanticDefaults | undefined
}

/** A plan, and a note for `cache-status` about controls that have another effect here. */
export interface ResolvedSemantic {
  readonly plan: SemanticPlan | undefined
  readonly detail: string | undefined
}

const NOTHING: ResolvedSemantic = Object.freeze({ plan: undefined, detail: undefined })
/** FastRouter's `last_n_turns` has no number. */
const TURNS: Conversation = Object.freeze({ lastTurns: 3 })

/** Merges the layers: header > FastRouter's body > scope > rule > option. */
export function resolveSemantic(layers: SemanticLayers): ResolvedSemantic {
  const { fastRouter, defaults } = layers
  if (defaults === undefined) return withoutOption(layers)
  const switched = layers.header ?? askedBy(fastRouter) ?? layers.scope ?? layers.rule
  const mode = switched ?? (defaults.mode === 'opt-in' ? 'off' : defaults.mode)
  const detail = fastRouter && detailOf(fastRouter, layers)
  if (mode === 'off') return detail === undefined ? NOTHING : { plan: undefined, detail }
  const conversation = conversationOf(fastRouter, defaults)
  const threshold = defaults.embed === undefined ? undefined : thresholdOf(layers, defaults)
  if (threshold === undefined && conversation === 'full') return { plan: undefined, detail }
  return { plan: { mode, threshold, conversation }, detail }
}

function withoutOption({ header, scope, rule, fastRouter }: SemanticLayers): ResolvedSemantic {
  const asked = header ?? scope ?? rule ?? 'off'
  const names: string[] = []
  if (asked !== 'off') names.push('semantic')
  if (fastRouter !== undefined && fastRouter.similarityThreshold < 1) names.push('similarity_threshold')
  if (fastRouter !== undefined && fastRouter.conversationMode !== 'full_conversation') names.push('conversation_mode')
  return names.length === 0 ? NOTHING : { plan: undefined, detail: `${names.join('+')}-run-as-exact` }
}

/**
 * `on` if FastRouter's control asks for more than an exact match: a threshold below 1, or only part of the
 * conversation.
 */
function askedBy(control: FastRouterControl | undefined): SemanticSwitch | undefined {
  if (control === undefined) return undefined
  return control.similarityThreshold < 1 || control.conversationMode !== 'full_conversation' ? 'on' : 'off'
}

function thresholdOf(
  { header, threshold, fastRouter }: SemanticLayers,
  defaults: SemanticDefaults,
): number | undefined {
  if (threshold !== undefined) return threshold
  if (fastRouter === undefined || (header !== undefined && fastRouter.similarityThreshold === 1))
    return defaults.threshold
  return fastRouter.similarityThreshold < 1 ? Math.max(fastRouter.similarityThreshold, defaults.threshold) : undefined
}

function conversationOf(control: FastRouterControl | undefined, { conversation }: SemanticDefaults): Conversation {
  switch (control?.conversationMode) {
    case undefined:
      return conversation
    case 'full_conversation':
      return 'full'
    case 'last_message_only':
      return 'last-message'
    case 'last_n_turns':
      return typeof conversation === 'object' ? conversation : TURNS
  }
}

function detailOf(
  { similarityThreshold }: FastRouterControl,
  { threshold, defaults }: SemanticLayers,
): string | undefined {
  if (similarityThreshold === 1 || defaults === undefined || threshold !== undefined) return undefined
  if (defaults.embed === undefined) return 'similarity_threshold-run-as-exact'
  return similarityThreshold < defaults.threshold ? `similarity_threshold-is-${defaults.threshold}` : undefined
}

/** Whether a value is a {@link Conversation}. */
export function isConversation(value: unknown): boolean {
  if (value === 'full' || value === 'last-message') return true
  if (typeof value !== 'object' || value === null || !('lastTurns' in value)) return false
  const turns = value.lastTurns
  return Object.keys(value).length === 1 && typeof turns === 'number' && Number.isInteger(turns) && turns >= 1
}
