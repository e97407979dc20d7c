/**
 * Members that keep the order of their properties wherever in a body they stand, so that a tool that is named in a message,
 * a namespace or a search's result is covered too: JSON schemas, which steer a model in their order, and what tools were
 * called with, which a provider writes into the prompt as it came. A format adds what it alone has.
 *
 * - Tools: https://platform.openai.com/docs/guides/function-calling (`parameters`),
 *   https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use (`input_schema`, `input_examples`),
 *   https://ai.google.dev/api/caching#FunctionDeclaration, https://docs.cohere.com/v1/docs/tool-use (`parameter_definitions`)
 * - Answers: https://platform.openai.com/docs/guides/structured-outputs#key-ordering, https://ai.google.dev/api/generate-content
 * - Constrained decoding: https://docs.vllm.ai/en/latest/features/structured_outputs/ (`guided_json`,
 *   `structured_outputs`), https://docs.sglang.ai/advanced_features/structured_outputs.html (`structural_tag`),
 *   https://docs.nvidia.com/nim/large-language-models/latest/structured-generation.html (`nvext.guided_json`),
 *   https://huggingface.co/docs/text-generation-inference/basic_tutorials/using_guidance (`grammar`),
 *   https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md (`json_schema`)
 */
export const ORDERED: readonly string[] = anywhere(
  `parameters input_schema inputSchema output_schema outputSchema input_examples inputExamples parameter_definitions
  parametersJsonSchema parameters_json_schema response_format responseFormat responseSchema response_schema
  responseJsonSchema response_json_schema schema json_schema jsonSchema guided_json guided_decoding structured_outputs
  structural_tag grammar arguments args`,
)

/**
 * What chat templates are handed by vLLM, SGLang and llama.cpp; and what SDKs' `extra_body` leaves in a body by mistake.
 * https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html
 */
export const TEMPLATED: readonly string[] = ['chat_template_kwargs', 'documents', 'extra_body']

/** Places of members with these names (white space between them), at any depth. */
export function anywhere(names: string): string[] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => `**.${name}`)
}
