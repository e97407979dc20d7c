import { checkMembers, fail, isBoolean, isInteger, isNumber, isOneOf, isText } from '../base/check.ts'
import { type Conversation, isConversation } from '../controls/semantic.ts'
import type { Embed } from './embedding.ts'

/**
 * The option `semantic`: answers from questions with the same meaning. lib/semantic/README.md says when it declines.
 */
export interface SemanticOptions {
  /**
   * Returns one vector for each text, in their order. Without it only `conversation` has an effect, or FastRouter's
   * `conversation_mode` in a call: then calls match that have the same last text, and the same part of the conversation
   * that the mode keeps.
   */
  readonly embed?: Embed
  /**
   * Names the model and its dimensions, 1 … 256 characters. Vectors of different ids are never compared. Required with
   * `embed`.
   */
  readonly id?: string
  /** Least similarity (cosine), 0 … 1. Default 0.95; each model needs its own. */
  readonly threshold?: number
  /** Seconds (0.001 … 60) that a call waits for its vector before it goes live. Default 1. */
  readonly timeout?: number
  /** Seconds (0.001 … 600) that a call waits for `verify`. Default 5. */
  readonly verifyTimeout?: number
  /** How much of a conversation must be equal. Default `'full'`; anything else is risky. */
  readonly conversation?: Conversation
  /**
   * Whether two texts with near vectors are also compared word by word. Default `true`. A function replaces that
   * comparison: it returns `true` if the answer to `b` is right for `a`. With `false` vectors alone decide, which can't
   * tell opposites apart.
   */
  readonly guard?: boolean | ((a: string, b: string) => boolean)
  /**
   * Makes the final decision about a match: a judge model, a cross-encoder. A failure or a late result is a miss.
   * Default none.
   */
  readonly verify?: (a: string, b: string) => PromiseLike<boolean> | boolean
  /**
   * `'on'` (default): for every call; `'opt-in'`: for calls that ask; `'shadow'`: every call goes live, and matches are
   * counted.
   */
  readonly mode?: 'on' | 'opt-in' | 'shadow'
  /** Two questions never share a provider call, however near they are: only `false`, the default. */
  readonly coalesce?: false
  /** Most vectors in the whole cache, 1 … 1,000,000. Default 20,000: with 1,536 numbers each, 123 MB. */
  readonly maxVectors?: number
  /** Longest question in UTF-16 units; a longer one is never matched. 1 … 100,000, default 8,000. */
  readonly maxText?: number
}

type Optional = 'embed' | 'id' | 'verify'

/** {@link SemanticOptions} with every default filled in. */
export type ResolvedSemanticOptions = Required<Omit<SemanticOptions, Optional>> & Pick<SemanticOptions, Optional>

/** Defaults of the members. */
const DEFAULTS: ResolvedSemanticOptions = Object.freeze({
  threshold: 0.95,
  timeout: 1,
  verifyTimeout: 5,
  conversation: 'full',
  guard: true,
  mode: 'on',
  coalesce: false,
  maxVectors: 20_000,
  maxText: 8_000,
})

const CHECKS = {
  embed: isFunction,
  id: isText,
  threshold: isNumber({ min: 0, max: 1 }),
  timeout: isNumber({ min: 0.001, max: 60 }),
  verifyTimeout: isNumber({ min: 0.001, max: 600 }),
  conversation(value: unknown, path: string): void {
    if (!isConversation(value)) fail(path, "'full', 'last-message' or { lastTurns } from 1 on", value)
  },
  guard(value: unknown, path: string): void {
    if (typeof value !== 'function') isBoolean(value, path)
  },
  verify: isFunction,
  mode: isOneOf(['on', 'opt-in', 'shadow']),
  coalesce(value: unknown, path: string): void {
    if (value !== false) fail(path, 'false: two questions never share a provider call', value)
  },
  maxVectors: isInteger({ min: 1, max: 1_000_000 }),
  maxText: isInteger({ min: 1, max: 100_000 }),
} satisfies Record<keyof SemanticOptions, unknown>

/**
 * Checks the option.
 *
 * @throws TypeError naming the path, what was expected and what came.
 */
export function isSemantic(value: unknown, path: string): void {
  checkMembers(value, CHECKS, path)
  const options = value as SemanticOptions // an object: checked above
  const { embed, id } = options
  if (embed === undefined) return checkWithout(options, path)
  if (id === undefined) {
    fail(
      `${path}.id`,
      'a string that names the model and its dimensions: vectors of two models must not be compared',
      id,
    )
  }
}

/** Members about comparing vectors and their texts. */
const OF_VECTORS = ['id', 'threshold', 'guard', 'verify', 'verifyTimeout'] as const

/** Without an embedder and with full conversations they would have no effect: the embedder was forgotten. */
function checkWithout(options: SemanticOptions, path: string): void {
  const { conversation = 'full' } = options
  const idle = conversation === 'full' ? OF_VECTORS.find((name) => options[name] !== undefined) : undefined
  if (idle !== undefined) fail(`${path}.embed`, `a function, as \`${idle}\` is of use with vectors alone`, undefined)
}

/** Fills in the defaults of an option that was checked. */
export function resolveSemanticOptions(options: SemanticOptions): ResolvedSemanticOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.freeze({ ...DEFAULTS, ...Object.fromEntries(given) })
}

function isFunction(value: unknown, path: string): void {
  if (typeof value !== 'function') fail(path, 'a function', value)
}
