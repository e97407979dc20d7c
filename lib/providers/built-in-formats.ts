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
import { pineconeEmbed } from './formats/pinecone-embed.ts'
import { rerank } from './formats/rerank.ts'
import { vercelEmbeddingModel, vercelLanguageModel } from './formats/vercel-gateway.ts'
import { vertexPredict } from './formats/vertex-predict.ts'
import type { Format } from './provider.ts'

/** Names of the built-in wire formats. */
export type FormatName =
  | 'anthropicMessages'
  | 'bedrockConverse'
  | 'bedrockInvoke'
  | 'cohereChat'
  | 'cohereChatV1'
  | 'cohereEmbed'
  | 'geminiEmbed'
  | 'geminiGenerate'
  | 'ollamaChat'
  | 'ollamaEmbed'
  | 'ollamaGenerate'
  | 'openaiAudio'
  | 'openaiChat'
  | 'openaiCompletions'
  | 'openaiEmbeddings'
  | 'openaiModerations'
  | 'openaiResponses'
  | 'pineconeEmbed'
  | 'rerank'
  | 'vercelEmbeddingModel'
  | 'vercelLanguageModel'
  | 'vertexPredict'

/**
 * The wire formats that the cache can read, by name, for rows of the option `providers`:
 * `{ id: 'mine', hosts: ['llm.internal'], endpoints: [{ path: '/chat', format: formats.openaiChat }] }`.
 */
export const formats: Readonly<Record<FormatName, Format>> = Object.freeze({
  anthropicMessages,
  bedrockConverse,
  bedrockInvoke,
  cohereChat,
  cohereChatV1,
  cohereEmbed,
  geminiEmbed,
  geminiGenerate,
  ollamaChat,
  ollamaEmbed,
  ollamaGenerate,
  openaiAudio,
  openaiChat,
  openaiCompletions,
  openaiEmbeddings,
  openaiModerations,
  openaiResponses,
  pineconeEmbed,
  rerank,
  vercelEmbeddingModel,
  vercelLanguageModel,
  vertexPredict,
})
