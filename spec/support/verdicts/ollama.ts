import { ollamaChat, ollamaEmbed, ollamaGenerate } from '../../../lib/providers/formats/ollama.ts'
import { cases, json, lines } from './case.ts'
import type { VerdictCase } from './case.ts'

const line = (content: string, more: object = {}): object => ({
  model: 'llama3',
  message: { role: 'assistant', content },
  done: false,
  ...more,
})
const end = (more: object = {}): object =>
  line('', { done: true, done_reason: 'stop', prompt_eval_count: 9, eval_count: 3, ...more })
const usage = { inputTokens: 9, outputTokens: 3 }

const chat = cases(ollamaChat, [
  ['a stream', lines(line('Grü'), line('ße'), end()), 'store', { usage }],
  ['a stream with blank lines', lines(line('Hi'), '', end()), 'store'],
  [
    'a stream without its last line feed',
    { ...lines(), pieces: [...lines(line('Hi')).pieces, Buffer.from(JSON.stringify(end()))] },
    'store',
    { marked: false },
  ],
  ['a stream that names no reason', lines(line('Hi'), end({ done_reason: undefined })), 'store'],
  ['a stream cut by its budget', lines(line('Hi'), end({ done_reason: 'length' })), 'store'],
  ['a stream without its end', lines(line('Hi'), line('!')), 'incomplete'],
  ['an error line', lines(line('Hi'), { error: 'llama runner process has terminated' }), 'error'],
  ['an error line after the end', lines(line('Hi'), end(), { error: 'late' }), 'error', { tail: 1 }],
  ['a broken line', lines(line('Hi'), '{"model":', end()), 'malformed'],
  ['an empty stream', lines(end()), 'empty'],
  ['thinking alone', lines({ model: 'm', message: { content: '', thinking: 'Hm' }, done: false }, end()), 'empty'],
  [
    'a tool call',
    lines(
      {
        model: 'm',
        message: { content: '', tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] },
        done: false,
      },
      end(),
    ),
    'store',
  ],
  [
    'a tool call whose arguments are no object',
    lines({ model: 'm', message: { content: '', tool_calls: [{ function: { arguments: 'a' } }] }, done: false }, end()),
    'broken-tool-call',
  ],
  ['text after the end', lines(line('Hi'), end(), line('!')), 'incomplete', { tail: 1 }],
  ['a model that was only loaded', json(end({ done_reason: 'load' })), 'incomplete'],
  ['an unloaded model', json(end({ done_reason: 'unload' })), 'error'],
  [
    'one body',
    json({ ...line('Hi'), done: true, done_reason: 'stop', prompt_eval_count: 9, eval_count: 3 }),
    'store',
    { usage },
  ],
  ['one body that is not done', json(line('Hi')), 'incomplete'],
  ['an error body', json({ error: 'model not found' }), 'error'],
])

const generate = cases(ollamaGenerate, [
  [
    'a stream',
    lines(
      { model: 'm', response: 'Hi', done: false },
      { model: 'm', response: '', done: true, done_reason: 'stop', context: [1] },
    ),
    'store',
  ],
  ['a stream without its end', lines({ model: 'm', response: 'Hi', done: false }), 'incomplete'],
  ['one body', json({ model: 'm', response: 'Hi', done: true, done_reason: 'stop' }), 'store'],
  ['an empty body', json({ model: 'm', response: '', done: true, done_reason: 'stop' }), 'empty'],
])

const embed = cases(ollamaEmbed, [
  [
    'vectors',
    json({ model: 'm', embeddings: [[0.1], [0.2]], prompt_eval_count: 8 }),
    'store',
    { usage: { inputTokens: 8, outputTokens: 0 } },
  ],
  ['one vector of the older endpoint', json({ embedding: [0.1] }), 'store'],
  ['no vectors', json({ model: 'm', embeddings: [] }), 'empty'],
  ['an empty vector of the older endpoint', json({ embedding: [] }), 'empty'],
])

export const ollamaCases: readonly VerdictCase[] = [...chat, ...generate, ...embed]
