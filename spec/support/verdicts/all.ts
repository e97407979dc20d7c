import { anthropicCases } from './anthropic.ts'
import { bedrockCases } from './bedrock.ts'
import type { VerdictCase } from './case.ts'
import { cohereCases } from './cohere.ts'
import { geminiCases } from './gemini.ts'
import { ollamaCases } from './ollama.ts'
import { openaiChatCases } from './openai-chat.ts'
import { compatibleCases } from './openai-compatible.ts'
import { openaiResponsesCases } from './openai-responses.ts'
import { otherCases } from './other.ts'

/** Every verdict case, by provider. */
export const VERDICT_CASES: readonly VerdictCase[] = [
  ...openaiChatCases,
  ...compatibleCases,
  ...openaiResponsesCases,
  ...anthropicCases,
  ...geminiCases,
  ...cohereCases,
  ...ollamaCases,
  ...bedrockCases,
  ...otherCases,
]
