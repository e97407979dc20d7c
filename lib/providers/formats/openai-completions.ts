import type { Format } from '../provider.ts'
import { openaiChat } from './openai-chat.ts'

/** OpenAI's legacy completions, and fill-in-the-middle (Mistral answers that one in the shape of a chat). */
export const openaiCompletions: Format = {
  ...openaiChat,
  id: 'openai-completions',
  docs: 'https://platform.openai.com/docs/api-reference/completions',
}
