import type { Refusal } from '../base/reasons.ts'
import type { Answer, Usage } from '../providers/answer.ts'
import { isBroken } from '../providers/formats/tool-arguments.ts'

/** Which complete answers are refused. */
export interface RefuseOptions {
  /** The model refused. Default `true`. */
  readonly refusal: boolean
  /** A content filter, a guardrail or a blocked prompt. Default `true`. */
  readonly contentFilter: boolean
  /** Anthropic's `pause_turn`: the answer is unfinished. Default `true`. */
  readonly pauseTurn: boolean
  /** No text and no tool call, or embeddings without data. Default `true`. */
  readonly empty: boolean
  /** A tool call whose arguments are not a JSON object. Default `true`. */
  readonly brokenToolCall: boolean
  /** The token budget ran out. Default `false`: the budget is part of the key. */
  readonly length: boolean
}

/** The reason for each option of `refuse`. All of them concern complete answers. */
export const REFUSALS_BY_OPTION: Readonly<Record<keyof RefuseOptions, Refusal>> = Object.freeze({
  refusal: 'refusal',
  contentFilter: 'content-filter',
  pauseTurn: 'pause-turn',
  empty: 'empty',
  brokenToolCall: 'broken-tool-call',
  length: 'length',
})

/** Whether an answer may be stored. */
export type Verdict =
  | { readonly store: true; readonly usage: Usage | undefined; readonly cacheMiss?: string | undefined }
  | { readonly store: false; readonly reason: Refusal }

/** Reasons that no option lifts, most serious first. */
const HARD = ['malformed', 'too-large', 'unreadable', 'internal', 'error', 'pending'] as const satisfies Refusal[]

/** A reason against storing that events have shown and no option lifts; `undefined` if there is none. */
export function hardRefusal({ flags }: Answer): Refusal | undefined {
  return flags.size === 0 ? undefined : HARD.find((reason) => flags.has(reason))
}

/** How an answer ended, and how much was asked for. */
export interface Completeness {
  /** The end marker was seen, or the transport ended cleanly where the format has none. */
  readonly whole: boolean
  /** The answer is one document, no stream. */
  readonly document: boolean
  /** Number of choices, candidates or vectors that are required. */
  readonly choices: number
}

/**
 * Why an answer must not be stored, most serious reason first; `undefined` if it may be. lib/README.md has the rules.
 */
export function refusalOf(
  answer: Answer,
  { whole, document, choices: asked }: Completeness,
  refuse: RefuseOptions,
): Refusal | undefined {
  const hard = hardRefusal(answer)
  if (hard !== undefined) return hard
  const choices = [...answer.choices.values()]
  if (whole && document && choices.length === 0 && refuse.empty) return 'empty'
  if (!whole || choices.length < Math.max(1, asked) || answer.flags.has('incomplete')) return 'incomplete'
  if (choices.some(({ finished }) => !finished)) return 'incomplete'
  return flaggedRefusal(answer, refuse) ?? contentRefusal(answer, refuse)
}

function flaggedRefusal({ flags }: Answer, refuse: RefuseOptions): Refusal | undefined {
  if (flags.has('content-filter') && refuse.contentFilter) return 'content-filter'
  if (flags.has('refusal') && refuse.refusal) return 'refusal'
  if (flags.has('pause-turn') && refuse.pauseTurn) return 'pause-turn'
  return undefined
}

function contentRefusal(answer: Answer, refuse: RefuseOptions): Refusal | undefined {
  const { flags } = answer
  if (refuse.brokenToolCall && (flags.has('broken-tool-call') || hasBrokenCall(answer))) return 'broken-tool-call'
  // A refused or filtered answer has no text, which is not a second reason against it.
  const explained = flags.has('content-filter') || flags.has('refusal') || flags.has('pause-turn')
  if (refuse.empty && !explained && isEmpty(answer)) return 'empty'
  return refuse.length && flags.has('length') ? 'length' : undefined
}

function isEmpty({ choices }: Answer): boolean {
  for (const { content } of choices.values()) if (!content) return true
  return false
}

function hasBrokenCall({ choices }: Answer): boolean {
  for (const { toolArguments } of choices.values()) if ([...toolArguments.values()].some(isBroken)) return true
  return false
}
