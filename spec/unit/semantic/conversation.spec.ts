import { describe, expect, test } from 'vitest'
import type { MutableObject } from '../../../lib/base/json.ts'
import type { Conversation } from '../../../lib/controls/semantic.ts'
import type { ConversationShape } from '../../../lib/providers/provider.ts'
import { formats } from '../../../lib/providers/built-in-formats.ts'
import { takeQuestion } from '../../../lib/semantic/conversation.ts'

const QUESTION = 'And in Rome?'

function shapeOf(id: string): ConversationShape {
  const format = Object.values(formats).find((one) => one.id === id)
  if (format?.conversation === undefined) throw new Error(`${id} has no conversation`)
  return format.conversation
}

function read(id: string, body: object, conversation: Conversation = 'full'): ReturnType<typeof takeQuestion> {
  return takeQuestion(shapeOf(id), structuredClone(body) as MutableObject, conversation)
}

const CHAT = {
  system: { role: 'system', content: 'Be brief.' },
  before: [
    { role: 'user', content: 'What is seen in Paris?' },
    { role: 'assistant', content: 'A tower.' },
  ],
}

/** A body of each format with two turns and instructions, and the members that hold the turns. */
const BODIES: Record<string, { body: object; none: object }> = {
  'openai-chat': {
    body: { messages: [CHAT.system, ...CHAT.before, { role: 'user', content: QUESTION }] },
    none: { messages: [CHAT.system, { role: 'user', content: '' }] },
  },
  'openai-responses': {
    body: {
      instructions: 'Be brief.',
      input: [...CHAT.before, { role: 'user', content: [{ type: 'input_text', text: QUESTION }] }],
    },
    none: { instructions: 'Be brief.', input: [{ role: 'user', content: [{ type: 'input_text', text: '' }] }] },
  },
  'anthropic-messages': {
    body: {
      system: 'Be brief.',
      messages: [
        ...CHAT.before,
        { role: 'user', content: [{ type: 'text', text: QUESTION, cache_control: { type: 'e' } }] },
      ],
    },
    none: {
      system: 'Be brief.',
      messages: [{ role: 'user', content: [{ type: 'text', text: '', cache_control: { type: 'e' } }] }],
    },
  },
  'gemini-generate': {
    body: {
      systemInstruction: { parts: [{ text: 'Be brief.' }] },
      contents: [
        { role: 'user', parts: [{ text: 'What is seen in Paris?' }] },
        { role: 'model', parts: [{ text: 'A tower.' }] },
        { parts: [{ text: QUESTION }] },
      ],
    },
    none: { systemInstruction: { parts: [{ text: 'Be brief.' }] }, contents: [{ parts: [{ text: '' }] }] },
  },
  'bedrock-converse': {
    body: {
      system: [{ text: 'Be brief.' }],
      messages: [
        { role: 'user', content: [{ text: 'What is seen in Paris?' }] },
        { role: 'assistant', content: [{ text: 'A tower.' }] },
        { role: 'user', content: [{ text: QUESTION }] },
      ],
    },
    none: { system: [{ text: 'Be brief.' }], messages: [{ role: 'user', content: [{ text: '' }] }] },
  },
  'cohere-chat': {
    body: { messages: [CHAT.system, ...CHAT.before, { role: 'user', content: QUESTION }] },
    none: { messages: [CHAT.system, { role: 'user', content: '' }] },
  },
  'cohere-chat-v1': {
    body: {
      preamble: 'Be brief.',
      chat_history: [
        { role: 'USER', message: 'What is seen in Paris?' },
        { role: 'CHATBOT', message: 'A tower.' },
      ],
      message: QUESTION,
    },
    none: { preamble: 'Be brief.', chat_history: [], message: '' },
  },
  'ollama-chat': {
    body: { messages: [CHAT.system, ...CHAT.before, { role: 'user', content: QUESTION }] },
    none: { messages: [CHAT.system, { role: 'user', content: '' }] },
  },
  'ollama-generate': { body: { system: 'Be brief.', prompt: QUESTION }, none: { system: 'Be brief.', prompt: '' } },
}

describe.each(Object.entries(BODIES))('%s', (id, { body, none }) => {
  test('gives the text of the last turn, and the rest without it', () => {
    const question = read(id, body)
    expect(question?.text).toBe(QUESTION)
    expect(JSON.stringify(question?.rest)).toBe(JSON.stringify(body).replace(QUESTION, ''))
  })

  test('forgets the turns before, but no instruction', () => {
    expect(read(id, body, 'last-message')?.rest).toEqual(none)
    expect(read(id, body, { lastTurns: 1 })?.rest).toEqual(read(id, body)?.rest)
  })

  test('reads nothing with a seed, at the top or among the options', () => {
    expect(read(id, { ...body, seed: 1 })).toBeUndefined()
    expect(read(id, { ...body, options: { seed: 1 } })).toBeUndefined()
    expect(read(id, { ...body, seed: null })?.text).toBe(QUESTION)
  })
})

test('one text as the input is the question', () => {
  expect(read('openai-responses', { input: QUESTION })).toEqual({ text: QUESTION, rest: { input: '' } })
})

describe('a last turn that is no plain question', () => {
  const user = (content: unknown): object => ({ messages: [{ role: 'user', content }] })
  const text = { type: 'text', text: QUESTION }
  test.each<[string, string, object]>([
    ['is the result of a tool', 'openai-chat', { messages: [{ role: 'tool', content: QUESTION }] }],
    ['has an image', 'openai-chat', user([text, { type: 'image_url', image_url: {} }])],
    ['has audio', 'openai-chat', user([text, { type: 'input_audio', input_audio: {} }])],
    ['has a file', 'openai-responses', { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] }],
    ['is the output of a function', 'openai-responses', { input: [{ type: 'function_call_output', output: 'x' }] }],
    ['holds the result of a tool', 'anthropic-messages', user([{ type: 'tool_result', content: 'x' }, text])],
    ['has a document', 'anthropic-messages', user([{ type: 'document', source: {} }, text])],
    [
      'has inline data',
      'gemini-generate',
      { contents: [{ role: 'user', parts: [{ text: 'x' }, { inlineData: {} }] }] },
    ],
    [
      'is the response of a function',
      'gemini-generate',
      { contents: [{ role: 'user', parts: [{ functionResponse: {} }] }] },
    ],
    ['has an image', 'bedrock-converse', user([{ text: 'x' }, { image: {} }])],
    ['has results of tools', 'cohere-chat-v1', { message: 'x', tool_results: [{}] }],
    ['has images', 'ollama-chat', { messages: [{ role: 'user', content: 'x', images: ['AA=='] }] }],
    ['has images', 'ollama-generate', { prompt: 'x', images: ['AA=='] }],
    ['is empty', 'openai-chat', user('  ')],
    ['has no message', 'openai-chat', { messages: [] }],
    ['is no list', 'openai-chat', { messages: {} }],
    ['has no content', 'openai-chat', { messages: [{ role: 'user' }, null] }],
  ])('since it %s reads as none (%s)', (_why, id, body) => {
    expect(read(id, body)).toBeUndefined()
  })
})
