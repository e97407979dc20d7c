import { anthropicConversion } from './anthropic.ts'
import { cohereConversion } from './cohere.ts'
import type { Conversion } from './conversion.ts'
import { geminiConversion } from './gemini.ts'
import { ollamaChatConversion, ollamaGenerateConversion } from './ollama.ts'
import { chatConversion } from './openai-chat.ts'
import { completionsConversion } from './openai-completions.ts'
import { responsesConversion } from './openai-responses.ts'

/** Conversions by format id, for every format whose answers have two forms. */
export const CONVERSIONS: ReadonlyMap<string, Conversion> = new Map([
  ['openai-chat', chatConversion],
  ['openai-completions', completionsConversion],
  ['openai-responses', responsesConversion],
  ['anthropic-messages', anthropicConversion],
  ['gemini-generate', geminiConversion],
  ['cohere-chat', cohereConversion],
  ['ollama-chat', ollamaChatConversion],
  ['ollama-generate', ollamaGenerateConversion],
])
