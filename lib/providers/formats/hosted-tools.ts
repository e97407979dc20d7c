import { isObject, type Json, type JsonObject } from '../../base/json.ts'
import { isGiven, list, object, text } from './read.ts'
import type { Value } from './read.ts'

/**
 * Types of tools that the caller's own program runs, or that depend on the request alone. Any other type counts as run
 * by the provider, so that an unknown type costs a miss and never gives a wrong answer.
 */
const CALLER_RUN: ReadonlySet<string> = new Set(
  'function custom local_shell apply_patch tool_search image_generation'.split(' '),
)
/** Anthropic's types, which end in a date: `bash_20250124`. */
const CALLER_RUN_FAMILIES = ['bash_', 'text_editor_', 'memory_', 'tool_search_tool_']

/** Members with declarations of the caller's functions (Gemini, Bedrock), or that are no tool at all. */
const DECLARATIONS: ReadonlySet<string> = new Set(
  'functionDeclarations function_declarations function custom toolSpec tool_spec cachePoint cache_point'.split(' '),
)

/**
 * Whether `tools` has a tool that the provider runs, by its type, or by its member if it has no type. The app's own
 * function named `web_search` is not one. `functions`: names of functions that this provider runs nevertheless.
 *
 * https://platform.openai.com/docs/guides/tools
 * https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview
 * https://ai.google.dev/api/caching#Tool
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Tool.html
 */
export function hasHostedTool(tools: Value, functions: readonly string[] = []): boolean {
  const all = isObject(tools) ? [tools] : list(tools)
  // One level only: a request must not cause deep recursion.
  const flat = all.flatMap((tool) => (isNamespace(tool) ? list(tool.tools) : [tool]))
  return flat.some((tool) => isObject(tool) && isHosted(tool, functions))
}

function isNamespace(tool: Json): tool is JsonObject {
  return isObject(tool) && tool.type === 'namespace'
}

function isHosted(tool: JsonObject, functions: readonly string[]): boolean {
  const type = typeOf(tool)
  if (type === undefined) return text(tool.name) === undefined && hasHostedMember(tool)
  if (type === 'function') return functions.includes(text(object(tool.function).name) ?? text(tool.name) ?? '')
  if (type === 'shell') return object(tool.environment).type !== 'local'
  // Zhipu's and iFlytek's: `{ type: 'web_search', web_search: { enable: false } }`.
  return !isCallerRun(type) && object(tool[type]).enable !== false
}

/** The AI SDK names a provider's tool `<provider>.<type>`: https://ai-sdk.dev/docs/foundations/tools */
function typeOf(tool: JsonObject): string | undefined {
  const type = text(tool.type)
  const id = text(tool.id) ?? ''
  return type === 'provider' || type === 'provider-defined' ? id.slice(id.indexOf('.') + 1) : type
}

function isCallerRun(type: string): boolean {
  return CALLER_RUN.has(type) || CALLER_RUN_FAMILIES.some((family) => type.startsWith(family))
}

/** `{ googleSearch: {} }`, `{ systemTool: … }`: each member is a tool. */
function hasHostedMember(tool: JsonObject): boolean {
  return Object.entries(tool).some(([name, value]) => isGiven(value) && !DECLARATIONS.has(name))
}
