import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import type { BypassReason } from '../../base/reasons.ts'
import type { RequestView } from '../provider.ts'
import { hasHostedTool } from './hosted-tools.ts'
import { isFilled, isGiven, list, object, text } from './read.ts'
import type { Value } from './read.ts'

/**
 * Why a call must not be cached; `undefined` if it may be. One rule for all formats, with every provider's names, since
 * gateways carry requests of many formats: state that the provider keeps (a queue ticket, a conversation, a container),
 * tools that look at the world or a clock, and text that is edited at the provider while the request stays the same.
 */
export function vetoOf(view: RequestView, model: string | undefined): BypassReason | undefined {
  const bodies = carried(view.body)
  if (bodies.some(isQueued)) return 'background'
  if (bodies.some(hasConversation)) return 'conversation'
  if (bodies.some(hasContainer)) return 'container'
  const models = namedModels(model, bodies)
  if (bodies.some((body) => isHosted(body, view)) || searches(models, bodies)) return 'hosted-tool'
  return models.some(isEdited) || bodies.some(hasEditedText) || hasDraftGuardrail(view) ? 'hosted-text' : undefined
}

/** xAI's `deferred` is a queue ticket as well: https://docs.x.ai/docs/guides/deferred-chat-completions */
function isQueued({ background, deferred }: JsonObject): boolean {
  return background === true || deferred === true
}

/** Anthropic's `thread` can continue from each answer only once, so a replayed answer could not be continued. */
function hasConversation({ conversation, conversation_id: id, thread }: JsonObject): boolean {
  return isGiven(conversation) || isGiven(id) || isGiven(thread)
}

function hasContainer({ container }: JsonObject): boolean {
  return isGiven(container)
}

/** The body, and bodies inside it for the provider behind a gateway or an SDK. Most requests have none. */
function carried(body: JsonObject): readonly JsonObject[] {
  const bodies = [body]
  const add = (inner: Value): void => {
    if (isGiven(inner)) bodies.push(object(inner))
  }
  add(body.extra_body)
  // https://ai.google.dev/gemini-api/docs/openai; OpenAI's Python SDK merges its `extra_body` into the top level.
  add(body.google)
  add(object(body.extra_body).google)
  add(body.additionalModelRequestFields)
  // https://docs.orq.ai/docs/ai-gateway/openai-compatible-api
  add(body.orq)
  if (isObject(body.providerOptions)) Object.values(body.providerOptions).forEach(add)
  return bodies
}

/** The model, and models that may answer instead: OpenRouter's `models`, LiteLLM's and orq's `fallbacks`. */
function namedModels(model: string | undefined, bodies: readonly JsonObject[]): readonly string[] {
  const names = model === undefined ? [] : [model]
  for (const { models, fallbacks } of bodies) {
    for (const one of list(models)) names.push(...nameOf(one))
    for (const one of list(fallbacks)) names.push(...nameOf(one))
  }
  return names
}

function nameOf(model: Json): string[] {
  const name = text(model) ?? text(object(model).model)
  return name === undefined ? [] : [name]
}

/**
 * Whether any tool is hosted: at the top level, in an item of the conversation (OpenAI's `additional_tools`, Moonshot),
 * or in a config.
 */
function isHosted(body: JsonObject, { hostedFunctions }: RequestView): boolean {
  // Looks up the body's names in the table, since a body has fewer.
  for (const name of Object.keys(body)) if (SWITCHES.get(name)?.(body[name]) === true) return true
  const hasHosted = (place: Value): boolean => {
    const { tools } = object(place)
    return tools !== undefined && hasHostedTool(tools, hostedFunctions)
  }
  return (
    hasHosted(body) ||
    hasHosted(body.toolConfig) ||
    list(body.input).some(hasHosted) ||
    list(body.messages).some(hasHosted)
  )
}

type Test = (value: Value) => boolean

const isTrue: Test = (value) => value === true
const isSearching: Test = (value) => isGiven(value) && object(value).mode !== 'off'

/** Members besides tools that make the provider search or run something. */
const SWITCHES: ReadonlyMap<string, Test> = new Map<string, Test>([
  // https://platform.openai.com/docs/guides/tools-web-search; also Perplexity, LiteLLM
  ['web_search_options', isGiven],
  ['webSearchOptions', isGiven],
  // https://learn.microsoft.com/azure/ai-foundry/openai/references/on-your-data
  ['data_sources', isFilled],
  ['dataSources', isFilled],
  // An agent of Azure's: instructions and tools are kept there. https://learn.microsoft.com/azure/ai-foundry/agents
  ['agent_reference', isGiven],
  ['agent', (value) => object(value).type === 'agent_reference'],
  // https://docs.x.ai/docs/guides/live-search
  ['search_parameters', isSearching],
  ['searchParameters', isSearching],
  // https://docs.claude.com/en/docs/agents-and-tools/mcp-connector
  ['mcp_servers', isFilled],
  ['mcpServers', isFilled],
  // https://openrouter.ai/docs/features/web-search
  ['plugins', (value) => list(value).some((plugin) => looksOutside(object(plugin)))],
  // https://docs.cohere.com/v1/reference/chat
  ['connectors', isFilled],
  // https://console.groq.com/docs/compound
  ['compound_custom', isGiven],
  // https://www.alibabacloud.com/help/en/model-studio/web-search
  ['enable_search', isTrue],
  // https://cloud.baidu.com/doc/qianfan-api
  ['web_search', (value) => value === true || object(value).enable === true],
  // https://cloud.tencent.com/document/product/1729/111007
  ['enable_enhancement', isTrue],
  ['force_search_enhancement', isTrue],
  // https://docs.venice.ai/api-reference/endpoint/chat/completions
  ['venice_parameters', (value) => (text(object(value).enable_web_search) ?? 'off') !== 'off'],
  // https://docs.litellm.ai/docs/completion/knowledgebase
  ['vector_store_ids', isFilled],
  // https://docs.orq.ai/docs/ai-gateway/knowledge-bases
  ['knowledge_bases', isFilled],
  // https://ai-sdk.dev/providers/ai-sdk-providers/google-generative-ai, before it had tools
  ['useSearchGrounding', isTrue],
])

/** OpenRouter's plugins that work on the request or the answer alone, or choose a model. */
const HARMLESS_PLUGINS: ReadonlySet<string> = new Set(
  'file-parser response-healing context-compression moderation auto-router pareto-router switchyard-router'.split(' '),
)

function looksOutside({ id, enabled }: JsonObject): boolean {
  return enabled !== false && !HARMLESS_PLUGINS.has(text(id) ?? '')
}

/**
 * Models that search before they answer, with any prefix of a gateway. One expression takes half the time of several.
 */
const SEARCHING_MODEL = new RegExp(
  [
    // https://developers.openai.com/api/docs/guides/tools-web-search
    /-search-(?:preview|api)(?![a-z])/,
    /deep-research(?![a-z])/,
    // OpenRouter's variant, and Perplexity's older names.
    /[:-]online(?![a-z])/,
    // https://console.groq.com/docs/compound
    /(?:^|\/)compound(?![a-z])/,
    // https://openrouter.ai/openrouter/fusion
    /(?:^|\/)openrouter\/fusion(?![a-z])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
)
const SONAR = /(?:^|[^a-z])sonar(?![a-z])/i

/** https://docs.perplexity.ai/guides/search-control-guide: only Sonar has `disable_search`. */
function searches(models: readonly string[], bodies: readonly JsonObject[]): boolean {
  if (models.some((model) => SEARCHING_MODEL.test(model))) return true
  return models.some((model) => SONAR.test(model)) && !bodies.some((body) => body.disable_search === true)
}

/**
 * OpenRouter's `@preset/slug` and `model@preset/slug`; the ARN of a Bedrock prompt, which has no version while it is a
 * draft.
 */
const EDITED_MODEL = /@preset\/|^arn:[^/]*:prompt\/[^:]*$/

function isEdited(model: string): boolean {
  return EDITED_MODEL.test(model)
}

/**
 * Whether it refers to a prompt without a version (OpenAI's and orq's `prompt: { id }`, LiteLLM's and Helicone's
 * `prompt_id`) or to a preset (OpenRouter, Perplexity).
 */
function hasEditedText(body: JsonObject): boolean {
  const { prompt, prompt_id: id, prompt_version: version, version_id: versionId, preset } = body
  const named = object(prompt)
  if (isGiven(named.id) && !isPinned(named.version)) return true
  return (isGiven(id) && !isPinned(version ?? versionId)) || isFilled(preset)
}

function isPinned(version: Value): boolean {
  return isGiven(version) && version !== 'latest'
}

/**
 * https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-deploy.html: only a numbered version never changes.
 */
function hasDraftGuardrail({ body, header }: RequestView): boolean {
  const { guardrailVersion } = object(body.guardrailConfig)
  return guardrailVersion === 'DRAFT' || header('x-amzn-bedrock-guardrailversion') === 'DRAFT'
}
