import picomatch from 'picomatch'
import { type Check, checkMembers, fail, isBoolean, isInteger, isOneOf, isText, isTextList } from '../base/check.ts'
import { SAMPLES_RANGE, TTL_RANGE } from './directives.ts'
import { type Hosted, HOSTED } from './hosted.ts'
import { POLICIES, type Policy } from './policy.ts'
import { isRewrite, type RewriteOption } from './rewrite.ts'
import { SEMANTIC_SWITCHES, type SemanticSwitch } from './semantic.ts'

/**
 * Globs that a call must match, every one that is given. `*` is any run of characters, including `/` (`gpt-*`,
 * `openai/gpt-*`, `*.openai.azure.com`, `/v1/*`); `{a,b}` is either; a leading `!` negates. A missing member matches
 * every call.
 */
export interface RuleMatch {
  /** Id of the provider's row: `openai`. */
  readonly provider?: string
  /** The model by the caller's name; a call that names none matches only if this is missing. */
  readonly model?: string
  /** Host name and, if it is not the default, port: `api.openai.com`, `localhost:8000`. Case is ignored. */
  readonly host?: string
  /** Path without the query. */
  readonly path?: string
}

/** Settings of a matching rule. Headers and scopes win over them, and they win over the options. */
export interface RuleSettings {
  /** Seconds, 1 … 2,592,000. */
  readonly ttl?: number
  /** See the option `policy`. */
  readonly policy?: Policy
  /** 1 … 256 characters. */
  readonly namespace?: string
  /** 1 … 256 characters each. */
  readonly tags?: readonly string[]
  /** `false`: never cached, whatever a header says. `true`: cached whatever `policy` says. */
  readonly enabled?: boolean
  /** 1 … 1000 different answers to one prompt, handed out in turn. */
  readonly samples?: number
  /** Whether a miss may be answered from the entry of the other form, stream or JSON. */
  readonly crossMode?: boolean
  /** What is rewritten in a hit. */
  readonly rewrite?: RewriteOption
  /** Whether a call that looks outside (hosted tools, search models, text kept at the provider) is cached. */
  readonly hosted?: Hosted
  /** Whether a question with the same meaning may supply the answer. */
  readonly semantic?: SemanticSwitch
}

/** One of the option `rules`. */
export interface Rule extends RuleSettings {
  readonly match: RuleMatch
}

/** The settings of a rule, once its globs are compiled. */
export type CompiledRule = RuleSettings

/** What a rule's globs are matched against. */
export interface RuleFacts {
  readonly provider: string
  readonly model: string | undefined
  readonly host: string
  readonly path: string
}

/** Finds the first rule for a call. */
export type RuleFinder = (facts: RuleFacts) => CompiledRule | undefined

const MATCH_CHECKS: Readonly<Record<keyof RuleMatch, Check>> = {
  provider: isText,
  model: isText,
  host: isText,
  path: isText,
}

const RULE_CHECKS: Readonly<Record<keyof Rule, Check>> = {
  match: (value, path) => checkMembers(value, MATCH_CHECKS, path),
  ttl: isInteger(TTL_RANGE),
  policy: isOneOf(POLICIES),
  namespace: isText,
  tags: isTextList,
  enabled: isBoolean,
  samples: isInteger(SAMPLES_RANGE),
  crossMode: isBoolean,
  rewrite: isRewrite,
  hosted: isOneOf(HOSTED),
  semantic: isOneOf(SEMANTIC_SWITCHES),
}

/**
 * Compiles rules into a function that finds the first one whose globs a call matches; `undefined` if there are none.
 *
 * @throws TypeError naming the path (`rules[0].match.model`), what was expected and the type of what came.
 */
export function compileRules(rules: readonly Rule[]): RuleFinder | undefined {
  const compiled = rules.map((rule, index) => {
    const path = `rules[${index}]`
    checkMembers(rule, RULE_CHECKS, path)
    if (rule.match === undefined) fail(`${path}.match`, 'an object', rule.match)
    return { matches: compileMatch(rule.match), settings: rule }
  })
  if (compiled.length === 0) return undefined
  return (facts) => compiled.find(({ matches }) => matches(facts))?.settings
}

function compileMatch(match: RuleMatch): (facts: RuleFacts) => boolean {
  const provider = compileGlob(match.provider)
  const model = compileGlob(match.model)
  const host = compileGlob(match.host, { nocase: true })
  const path = compileGlob(match.path)
  return (facts) => provider(facts.provider) && model(facts.model) && host(facts.host) && path(facts.path)
}

function compileGlob(glob: string | undefined, options: picomatch.PicomatchOptions = {}): (text?: string) => boolean {
  if (glob === undefined) return () => true
  // `bash` lets `*` match a `/`: a model name is not a path, and everybody expects `*` to match `openai/gpt-5`.
  const matches = picomatch(glob, { bash: true, dot: true, windows: false, ...options })
  return (text) => text !== undefined && matches(text)
}
