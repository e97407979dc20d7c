import type { Endpoint } from './provider.ts'
import { anthropicMessages } from './formats/anthropic.ts'
import { bedrockConverse } from './formats/bedrock-converse.ts'
import { bedrockInvoke } from './formats/bedrock-invoke.ts'
import { cohereChat } from './formats/cohere-chat.ts'
import { cohereChatV1 } from './formats/cohere-chat-v1.ts'
import { cohereEmbed } from './formats/cohere-embed.ts'
import { geminiEmbed } from './formats/gemini-embed.ts'
import { geminiGenerate } from './formats/gemini.ts'
import { ollamaChat, ollamaEmbed, ollamaGenerate } from './formats/ollama.ts'
import { openaiAudio } from './formats/openai-audio.ts'
import { openaiChat } from './formats/openai-chat.ts'
import { openaiCompletions } from './formats/openai-completions.ts'
import { openaiEmbeddings } from './formats/openai-embeddings.ts'
import { openaiModerations } from './formats/openai-moderations.ts'
import { openaiResponses } from './formats/openai-responses.ts'
import { rerank } from './formats/rerank.ts'
import { vertexPredict } from './formats/vertex-predict.ts'

/** Makes an endpoint of one kind; takes the path before the endpoint's own part. */
export type Family = (prefix: string) => Endpoint

/** `/chat/completions`. */
export const chat: Family = (prefix) => ({ path: `${prefix}/chat/completions`, format: openaiChat })
/** `/completions`. */
export const completions: Family = (prefix) => ({ path: `${prefix}/completions`, format: openaiCompletions })
/** `/responses`. */
export const responses: Family = (prefix) => ({ path: `${prefix}/responses`, format: openaiResponses })
/** `/embeddings`. */
export const embeddings: Family = (prefix) => ({ path: `${prefix}/embeddings`, format: openaiEmbeddings })
/** `/moderations`. */
export const moderations: Family = (prefix) => ({ path: `${prefix}/moderations`, format: openaiModerations })
/** `/rerank`. */
export const reranking: Family = (prefix) => ({ path: `${prefix}/rerank`, format: rerank })
/** Anthropic's `/messages`. */
export const messages: Family = (prefix) => ({ path: `${prefix}/messages`, format: anthropicMessages })
/** `/audio/transcriptions`. */
export const transcriptions: Family = (prefix) => ({ path: `${prefix}/audio/transcriptions`, format: openaiAudio })
/** `/audio/translations`. */
export const translations: Family = (prefix) => ({ path: `${prefix}/audio/translations`, format: openaiAudio })

/** The endpoints of most OpenAI-compatible hosts: chat, completions, responses, embeddings. */
export function openai(prefix: string): Endpoint[] {
  return [chat(prefix), completions(prefix), responses(prefix), embeddings(prefix)]
}

/** Speech to text: transcriptions and translations. */
export function audio(prefix: string): Endpoint[] {
  return [transcriptions(prefix), translations(prefix)]
}

/** Gemini's two ways to generate, as a placeholder of a path. */
export const GENERATE = '{action:generateContent|streamGenerateContent}'
const EMBED = '{action:embedContent|batchEmbedContents}'
const PREDICT = '{action:predict|rawPredict|streamRawPredict}'

/** Gemini's own endpoints below a path that ends before `/models`; https://ai.google.dev/api/generate-content */
export function gemini(prefix: string): Endpoint[] {
  return [
    { path: `${prefix}/models/{model}:${GENERATE}`, format: geminiGenerate },
    { path: `${prefix}/models/{model}:${EMBED}`, format: geminiEmbed },
  ]
}

/** Vertex AI below its `/v1/…`: a publisher's model, or a model tuned and deployed by the caller. */
export function vertex(prefix: string): Endpoint[] {
  return [`${prefix}/publishers/{publisher}/models/{model}`, `${prefix}/endpoints/{model}`].flatMap((model) => [
    { path: `${model}:${GENERATE}`, format: geminiGenerate },
    { path: `${model}:${EMBED}`, format: geminiEmbed },
    { path: `${model}:${PREDICT}`, format: vertexPredict },
  ])
}

/**
 * Bedrock below its host;
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html
 */
export function bedrock(prefix: string): Endpoint[] {
  return [
    { path: `${prefix}/model/{model}/{action:converse|converse-stream}`, format: bedrockConverse },
    { path: `${prefix}/model/{model}/{action:invoke|invoke-with-response-stream}`, format: bedrockInvoke },
  ]
}

/** Cohere's own endpoints of both versions; https://docs.cohere.com/reference */
export function cohere(prefix: string): Endpoint[] {
  return [
    { path: `${prefix}/v2/chat`, format: cohereChat },
    { path: `${prefix}/v1/chat`, format: cohereChatV1 },
    { path: `${prefix}/{version:v1|v2}/embed`, format: cohereEmbed },
    { path: `${prefix}/{version:v1|v2}/rerank`, format: rerank },
  ]
}

/** Ollama's own endpoints; https://github.com/ollama/ollama/blob/main/docs/api.md */
export function ollama(prefix: string): Endpoint[] {
  return [
    { path: `${prefix}/api/chat`, format: ollamaChat },
    { path: `${prefix}/api/generate`, format: ollamaGenerate },
    { path: `${prefix}/api/embed`, format: ollamaEmbed },
    { path: `${prefix}/api/embeddings`, format: ollamaEmbed },
  ]
}
