import { vector } from './openai-other.ts'
import { answerTo, countTokens, document, text, type Ask, type Shape } from './shape.ts'

/** https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-chat-completion */
export function ollamaChat(ask: Ask): Shape {
  return lines(ask, answerTo(ask.body['messages'], ask.words), (content) => ({
    message: { role: 'assistant', content },
  }))
}

/** https://github.com/ollama/ollama/blob/main/docs/api.md#generate-a-completion */
export function ollamaGenerate(ask: Ask): Shape {
  return lines(ask, answerTo(ask.body['prompt'], ask.words), (response) => ({ response }))
}

/** https://github.com/ollama/ollama/blob/main/docs/api.md#generate-embeddings */
export function ollamaEmbed(ask: Ask): Shape {
  const { input, model } = ask.body
  const list: readonly unknown[] = Array.isArray(input) ? input : [input]
  const durations = { total_duration: ask.serial, load_duration: 1, prompt_eval_count: countTokens(input) }
  return document({ model: text(model, 'llama-test'), embeddings: list.map(vector), ...durations })
}

function lines(ask: Ask, words: readonly string[], part: (words: string) => object): Shape {
  const head = { model: text(ask.body['model'], 'llama-test'), created_at: new Date(ask.serial).toISOString() }
  const tokens = { prompt_eval_count: countTokens(ask.body), eval_count: ask.words }
  const end = { done: true, done_reason: 'stop', total_duration: ask.serial, ...tokens }
  // Ollama streams unless it is told not to.
  if (ask.body['stream'] === false) return document({ ...head, ...part(words.join('')), ...end })
  const line = (value: object): string => `${JSON.stringify(value)}\n`
  return {
    contentType: 'application/x-ndjson',
    events: [
      ...words.map((word) => line({ ...head, ...part(word), done: false })),
      line({ ...head, ...part(''), ...end }),
    ],
    failure: [line({ error: 'an error was encountered while running the model' })],
  }
}
