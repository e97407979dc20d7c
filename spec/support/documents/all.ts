import type { Arbitrary } from 'fast-check'
import { chatDocuments, completionDocuments } from './openai.ts'
import { responsesDocuments } from './openai-responses.ts'
import {
  anthropicDocuments,
  cohereDocuments,
  geminiDocuments,
  ollamaChatDocuments,
  ollamaGenerateDocuments,
} from './others.ts'

/** Generated answers of every format that has two forms, by the id of the format. */
export const DOCUMENTS: Readonly<Record<string, Arbitrary<object>>> = {
  'openai-chat': chatDocuments,
  'openai-completions': completionDocuments,
  'openai-responses': responsesDocuments,
  'anthropic-messages': anthropicDocuments,
  'gemini-generate': geminiDocuments,
  'cohere-chat': cohereDocuments,
  'ollama-chat': ollamaChatDocuments,
  'ollama-generate': ollamaGenerateDocuments,
}
