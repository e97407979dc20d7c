/** The smallest prompt that a provider caches. */
export interface Minimum {
  readonly tokens: number
  /** The provider's page that says so. */
  readonly docs: string
}

const ANTHROPIC = 'https://platform.claude.com/docs/en/build-with-claude/prompt-caching'
const OPENAI = 'https://developers.openai.com/api/docs/guides/prompt-caching'
const OPENROUTER = 'https://openrouter.ai/docs/guides/best-practices/prompt-caching'

/**
 * The smallest prompt that is cached, by model; the first matching row applies. Where documentation has changed over
 * time, the lower number is used, so that no advice is wrong. Names are those of Anthropic, Bedrock, Vertex and
 * OpenRouter.
 */
const MINIMUMS: readonly (readonly [models: RegExp, tokens: number, docs: string])[] = [
  [/claude-(?:opus-4[.-][56]|haiku-4[.-]5)(?!\d)/, 4_096, ANTHROPIC],
  [/claude-opus-4[.-]7(?!\d)/, 2_048, ANTHROPIC],
  [/claude-(?:3[.-]5-haiku|haiku-3[.-]5|3-haiku|haiku-3)(?!\d)/, 2_048, ANTHROPIC],
  [/claude-(?:opus|fable|mythos)-5(?!\d)/, 512, ANTHROPIC],
  [/claude-(?:opus-4|sonnet-[345]|3[.-]7-sonnet|3[.-]5-sonnet|3-opus|3-sonnet)(?!\d)/, 1_024, ANTHROPIC],
  [/(?:^|[/.])(?:gpt-|chatgpt-|o\d)/, 1_024, OPENAI],
  [/gemini-2\.5-pro/, 4_096, OPENROUTER],
  [/gemini-2\.5-flash/, 1_024, OPENROUTER],
]

/** The minimum of a model, by the caller's name for it; `undefined` if it is unknown. */
export function minimumOf(model: string): Minimum | undefined {
  const row = MINIMUMS.find(([models]) => models.test(model))
  return row && { tokens: row[1], docs: row[2] }
}
