import type { Format } from '../provider.ts'
import { countOf, countTexts } from './asked.ts'
import { openaiChat } from './openai-chat.ts'

/** OpenAI's legacy completions, and fill-in-the-middle, which Mistral answers in the chat shape. */
export const openaiCompletions: Format = {
  ...openaiChat,
  id: 'openai-completions',
  docs: 'https://platform.openai.com/docs/api-reference/completions',
  inspect(request) {
    const { body } = request
    return { ...openaiChat.inspect(request), choices: countOf(countTexts(body.prompt) * (countOf(body.n) ?? 1)) }
  },
}
