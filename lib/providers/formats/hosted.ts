import type { BypassReason } from '../../base/reasons.ts'
import { type Json, type JsonObject, isObject } from '../../base/json.ts'
import { isFilled, isGiven, list, object, text } from './read.ts'
import type { Value } from './read.ts'

/**
 * Tool types whose calls the caller's own program runs, or that depend on the request alone. Every other type is taken
 * for one that the provider runs: a new hosted tool costs a miss, never a wrong answer.
 */
const CALLER_RUN: ReadonlySet<string> = new Set(
  'function custom local_shell apply_patch tool_search image_generation'.split(' '),
)
/** Anthropic's own, dated: `bash_20250124`. */
const CALLER_RUN_FAMILIES = ['bash_', 'text_editor_', 'memory_', 'tool_search_tool_']

function isCallerRun(type: string): boolean {
  return CALLER_RUN.has(type) || CALLER_RUN_FAMILIES.some((family) => type.startsWith(family))
}

function isHosted(tool: Json): boolean {
  if (!isObject(tool)) return false
  const type = text(tool.type)
  if (type === undefined || isCallerRun(type)) return false
  return !(type === 'shell' && object(tool.environment).type === 'local')
}

/**
 * Whether `tools` has one that the provider runs, told by `type` alone: a user's own function named `web_search` is
 * none.
 * https://platform.openai.com/docs/guides/tools, https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview
 */
export function hasHostedTool(tools: Value): boolean {
  return list(tools).some((tool) => {
    // One level only: no request may cost a deep recursion.
    if (isObject(tool) && tool.type === 'namespace') return list(tool.tools).some(isHosted)
    return isHosted(tool)
  })
}

/**
 * The same for the AI SDK's `tools`, where a provider's tool is named `<provider>.<type>`.
 * https://ai-sdk.dev/docs/foundations/tools
 */
export function hasHostedProviderTool(tools: Value): boolean {
  return list(tools).some((tool) => {
    const type = isObject(tool) ? text(tool.type) : undefined
    if (type === undefined || type === 'function') return false
    const id = text(object(tool).id) ?? ''
    return !isCallerRun(id.slice(id.indexOf('.') + 1))
  })
}

/** Whether the model or a switch beside the tools has the provider search or run code. */
function hasHostedSwitch(body: JsonObject, model: string | undefined): boolean {
  const search = body.search_parameters
  return (
    isGiven(body.web_search_options) ||
    // Azure OpenAI "On Your Data"
    isFilled(body.data_sources) ||
    // xAI live search
    (isGiven(search) && object(search).mode !== 'off') ||
    // OpenRouter
    list(body.plugins).some((plugin) => object(plugin).id === 'web') ||
    model?.endsWith(':online') === true ||
    // OpenAI, whose search models search before each answer: https://developers.openai.com/api/docs/guides/tools-web-search
    /-search-(?:preview|api)(?:-|$)/.test(model ?? '') ||
    // Groq
    /(^|\/)compound(-|$)/.test(model ?? '') ||
    // Alibaba Model Studio
    body.enable_search === true
  )
}

/** Why a call to OpenAI's chat or Responses API, or to one that follows them, is never cached; design.md section 5. */
export function openaiVeto(body: JsonObject, model: string | undefined): BypassReason | undefined {
  if (body.background === true) return 'background'
  if (isGiven(body.conversation)) return 'conversation'
  if (isGiven(body.container)) return 'container'
  return hasHostedTool(body.tools) || hasHostedSwitch(body, model) ? 'hosted-tool' : undefined
}

/** Why a call to Anthropic's Messages API is never cached; design.md section 5. */
export function anthropicVeto(body: JsonObject): BypassReason | undefined {
  if (isGiven(body.container)) return 'container'
  return hasHostedTool(body.tools) || isFilled(body.mcp_servers) ? 'hosted-tool' : undefined
}
