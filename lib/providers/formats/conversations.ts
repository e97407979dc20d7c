import type { ConversationShape } from '../provider.ts'

const SYSTEMS = ['system', 'developer']

/** `messages` with `role` and `content`: OpenAI's chat, Anthropic, Bedrock, Cohere v2, Ollama's chat. */
export const CHAT_MESSAGES: ConversationShape = {
  messages: 'messages',
  content: 'content',
  users: ['user'],
  systems: SYSTEMS,
  // https://docs.ollama.com/api/chat
  others: ['images', 'tool_calls', 'audio'],
}

/** https://platform.openai.com/docs/api-reference/responses/create: one text, or items of several types. */
export const RESPONSES_INPUT: ConversationShape = {
  messages: 'input',
  content: 'content',
  users: ['user'],
  systems: SYSTEMS,
}

/** https://ai.google.dev/api/caching#Content: the role may be missing if there is one turn. */
export const GEMINI_CONTENTS: ConversationShape = {
  messages: 'contents',
  content: 'parts',
  users: ['user', ''],
  systems: ['system'],
}

/** https://docs.cohere.com/v1/reference/chat */
export const COHERE_V1: ConversationShape = {
  messages: 'chat_history',
  last: 'message',
  content: 'message',
  users: ['USER', 'User', 'user'],
  systems: ['SYSTEM', 'System', 'system'],
  others: ['tool_results'],
}

/**
 * https://docs.ollama.com/api/generate: `context` is the encoded earlier conversation; it counts like any other member.
 */
export const OLLAMA_PROMPT: ConversationShape = {
  messages: '',
  last: 'prompt',
  content: '',
  users: [],
  systems: [],
  others: ['images', 'suffix'],
}

/** https://ai-sdk.dev/docs/reference/ai-sdk-core/language-model-v2 */
export const VERCEL_PROMPT: ConversationShape = {
  messages: 'prompt',
  content: 'content',
  users: ['user'],
  systems: ['system'],
}
