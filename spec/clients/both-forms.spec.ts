import Anthropic from '@anthropic-ai/sdk'
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogle } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { type GenerateContentResponse, GoogleGenAI } from '@google/genai'
import { generateText, jsonSchema, type LanguageModel, streamText, type ToolSet } from 'ai'
import { CohereClientV2 } from 'cohere-ai'
import fc from 'fast-check'
import { ChatOpenAI } from '@langchain/openai'
import Groq from 'groq-sdk'
import { Mistral } from '@mistralai/mistralai'
import { type ChatResponse, Ollama } from 'ollama'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { collect } from '../support/client.ts'
import { chatDocuments, completionDocuments } from '../support/documents/openai.ts'
import { responsesDocuments } from '../support/documents/openai-responses.ts'
import {
  anthropicDocuments,
  cohereDocuments,
  geminiDocuments,
  ollamaChatDocuments,
} from '../support/documents/others.ts'
import type { Network } from '../support/network.ts'
import { startNetwork } from '../support/start-network.ts'

/** A cache that keeps whatever a generated answer says. */
function install(): Network {
  const network = startNetwork()
  const refuse = { refusal: false, empty: false, brokenToolCall: false, contentFilter: false, length: false }
  installCache({ crossMode: true, refuse, hosts: ['http://gpu.example:11434'] })
  return network
}

/** Each run asks another question, so that its answer is its own. */
function question(run: number): string {
  return `Question ${run}`
}

/** Has the provider answer the next call with a document, once for each of some generated ones. */
async function forEachDocument<T extends object, Client>(
  documents: fc.Arbitrary<object>,
  create: () => Client,
  check: (client: Client, document: T, run: number) => Promise<void>,
): Promise<void> {
  const network = install()
  // SDKs hold the fetch that is there when they are made.
  const client = create()
  let run = 0
  await fc.assert(
    fc.asyncProperty(documents, async (generated) => {
      run++
      const before = network.calls.length
      network.script({ events: [JSON.stringify(generated)], contentType: 'application/json' })
      await check(client, generated as T, run) // generated as the API's reference says
      expect(network.calls.length - before).toBe(1)
    }),
    { numRuns: 25 },
  )
}

describe("a provider's SDK puts the same answer together from the stream that was made of it", () => {
  test('openai, ChatCompletionStream', async () => {
    const create = () => new OpenAI({ apiKey: 'sk-one', maxRetries: 0 })
    // The SDK does not know DeepSeek's reasoning: of its pieces it keeps the last one.
    const documents = chatDocuments.filter((document) => !JSON.stringify(document).includes('reasoning_content'))
    await forEachDocument(documents, create, async (client, document: OpenAI.ChatCompletion, run) => {
      const ask = {
        model: 'gpt-5.1',
        n: document.choices.length,
        messages: [{ role: 'user' as const, content: question(run) }],
      }
      expect(await client.chat.completions.create(ask)).toMatchObject(document)
      const stream = client.chat.completions.stream({ ...ask, stream_options: { include_usage: true } })
      // The SDK leaves this member out where it is `null`.
      const { system_fingerprint: fingerprint, ...told } = document
      expect(await stream.finalChatCompletion()).toMatchObject(typeof fingerprint === 'string' ? document : told)
    })
  })

  test('openai, ResponseStream', async () => {
    const create = () => new OpenAI({ apiKey: 'sk-one', maxRetries: 0 })
    await forEachDocument(responsesDocuments, create, async (client, document: OpenAI.Responses.Response, run) => {
      const ask = { model: 'gpt-5.1', input: question(run) }
      expect(await client.responses.create(ask)).toMatchObject(document)
      expect(await client.responses.stream(ask).finalResponse()).toMatchObject(document)
    })
  })

  test('@anthropic-ai/sdk, MessageStream', async () => {
    const create = () => new Anthropic({ apiKey: 'sk-one', maxRetries: 0 })
    await forEachDocument(anthropicDocuments, create, async (client, document: Anthropic.Message, run) => {
      const ask = {
        model: 'claude-sonnet-4-5',
        max_tokens: 99,
        messages: [{ role: 'user' as const, content: question(run) }],
      }
      expect(await client.messages.create(ask)).toMatchObject(document)
      // The SDK takes no notice of this member where a stream tells it.
      const { context_management: _, ...message } = { context_management: null, ...document }
      expect(await client.messages.stream(ask).finalMessage()).toMatchObject(message)
    })
  })

  test('@google/genai', async () => {
    const create = () => new GoogleGenAI({ apiKey: 'sk-one' })
    await forEachDocument(geminiDocuments, create, async (client, document: GenerateContentResponse, run) => {
      const { candidates = [], usageMetadata } = document
      const ask = { model: 'gemini-3-pro', contents: question(run), config: { candidateCount: candidates.length } }
      const whole = await client.models.generateContent(ask)
      const chunks = await collect(await client.models.generateContentStream(ask))
      for (const index of candidates.keys()) expect(toldOf(chunks, index)).toEqual(toldOf([whole], index))
      expect(chunks.at(-1)?.usageMetadata).toEqual(usageMetadata)
    })
  })

  test('openai, completions', async () => {
    const create = () => new OpenAI({ apiKey: 'sk-one', maxRetries: 0 })
    await forEachDocument(completionDocuments, create, async (client, document: OpenAI.Completion, run) => {
      const ask = { model: 'gpt-3.5-turbo-instruct', n: document.choices.length, prompt: question(run) }
      await client.completions.create(ask)
      const chunks = await collect(
        await client.completions.create({ ...ask, stream: true, stream_options: { include_usage: true } }),
      )
      for (const { index, text, finish_reason: reason } of document.choices) {
        const own = chunks.flatMap(({ choices }) => choices.filter((choice) => choice.index === index))
        expect(own.map((choice) => choice.text).join('')).toBe(text)
        expect(own.at(-1)?.finish_reason).toBe(reason)
      }
      expect(chunks.at(-1)?.usage).toEqual(document.usage)
      expect(new Set(chunks.map(({ id, created }) => `${id} ${created}`)).size).toBe(1)
    })
  })

  test('cohere-ai', async () => {
    const create = () => new CohereClientV2({ token: 'sk-one', maxRetries: 0 })
    await forEachDocument(cohereDocuments, create, async (client, { id }: { readonly id: string }, run) => {
      const ask = { model: 'command-a', messages: [{ role: 'user' as const, content: question(run) }] }
      const { message, finishReason, usage, ...head } = await client.chat(ask)
      expect(head.id).toBe(id)
      const events = await collect(await client.chatStream(ask))
      const pieces = (type: 'text' | 'thinking'): string => {
        const parts = events.flatMap((event) => (event.type === 'content-delta' ? event.delta?.message?.content : []))
        return parts.map((part) => part?.[type] ?? '').join('')
      }
      const whole = (type: 'text' | 'thinking'): string => {
        const parts = (message.content ?? []).flatMap((part) => Object.entries(part))
        return parts.flatMap(([member, value]) => (member === type ? value : [])).join('')
      }
      for (const type of ['text', 'thinking'] as const) expect(pieces(type)).toBe(whole(type))
      const calls = events.flatMap((event) => (event.type === 'tool-call-start' ? event.delta?.message?.toolCalls : []))
      expect(calls.map((one) => one?.id)).toEqual((message.toolCalls ?? []).map(({ id }) => id))
      const args = events.flatMap((event) =>
        event.type === 'tool-call-delta' ? (event.delta?.message?.toolCalls?.function?.arguments ?? '') : [],
      )
      expect(args.join('')).toBe((message.toolCalls ?? []).map((one) => one.function?.arguments ?? '').join(''))
      expect(events.at(-1)).toMatchObject({ type: 'message-end', delta: { finishReason, usage } })
    })
  })

  test.for<[name: string, documents: fc.Arbitrary<object>]>([
    ['openai, chat', chatDocuments],
    ['openai, Responses', responsesDocuments],
    ['anthropic', anthropicDocuments],
    ['google', geminiDocuments],
  ])('ai, over %s', async ([name, documents]) => {
    const network = install()
    const create = MODELS[name]
    if (create === undefined) throw new Error(`no model ${name}`)
    const model = create()
    let [run, compared] = [0, 0]
    await fc.assert(
      fc.asyncProperty(documents.filter(isOfOneChoice), async (document) => {
        const before = network.calls.length
        network.script({ events: [JSON.stringify(document)], contentType: 'application/json' })
        const first = await generated(model, question(++run)).catch(() => undefined)
        // It has no word for some answers, such as a call of a tool that it did not offer.
        if (first === undefined) return
        compared++
        expect(await streamed(model, question(run))).toEqual(first)
        expect(network.calls.length - before).toBe(1)
      }),
      { numRuns: 25 },
    )
    expect(compared).toBeGreaterThan(5)
  })

  test('ollama', async () => {
    const create = () => new Ollama({ host: 'http://gpu.example:11434' })
    await forEachDocument(ollamaChatDocuments, create, async (client, { message, ...end }: ChatResponse, run) => {
      const ask = { model: 'qwen3', messages: [{ role: 'user', content: question(run) }] }
      await client.chat(ask)
      const lines = await collect(await client.chat({ ...ask, stream: true }))
      expect(lines.map((line) => line.message.content).join('')).toBe(message.content)
      expect(lines.map((line) => line.message.thinking ?? '').join('')).toBe(message.thinking ?? '')
      expect(lines.flatMap((line) => line.message.tool_calls ?? [])).toEqual(message.tool_calls ?? [])
      expect(lines.at(-1)).toMatchObject(end)
    })
  })
})

/** Text, reasoning and calls of one candidate. */
function toldOf(chunks: readonly GenerateContentResponse[], index: number): object {
  const candidates = chunks.flatMap((chunk) => chunk.candidates ?? []).filter((one) => (one.index ?? 0) === index)
  const parts = candidates.flatMap(({ content }) => content?.parts ?? [])
  const textOf = (thought: boolean): string =>
    parts.flatMap((part) => (Boolean(part.thought) === thought ? (part.text ?? '') : '')).join('')
  return {
    text: textOf(false),
    thought: textOf(true),
    calls: parts.flatMap(({ functionCall }) => functionCall ?? []),
    signatures: parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? []),
    finishReason: candidates.at(-1)?.finishReason,
  }
}

/** The AI SDK asks for one. */
function isOfOneChoice(document: object): boolean {
  const { choices = [], candidates = [] } = document as { choices?: unknown[]; candidates?: unknown[] }
  return choices.length <= 1 && candidates.length <= 1
}

/** What a caller of the AI SDK sees of an answer. */
interface Seen {
  readonly text: string
  readonly reasoning: string
  readonly finishReason: string
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
  readonly id: string
  readonly toolCalls: readonly unknown[]
}

const schema = jsonSchema<{ city: string }>({ type: 'object', properties: { city: { type: 'string' } } })
const tools: ToolSet = { weather: { description: 'x', inputSchema: schema } }

async function generated(model: LanguageModel, prompt = 'Go'): Promise<Seen> {
  const told = await generateText({ model, prompt, tools, maxRetries: 0 })
  const { text, reasoningText, finishReason, usage, response, toolCalls } = told
  return seenOf([text, reasoningText], finishReason, usage, response.id, toolCalls)
}

async function streamed(model: LanguageModel, prompt = 'Go'): Promise<Seen> {
  const all = streamText({ model, prompt, tools, maxRetries: 0 })
  const [text, reasoning, reason, usage, { id }, calls] = await Promise.all([
    all.text,
    all.reasoningText,
    all.finishReason,
    all.usage,
    all.response,
    all.toolCalls,
  ])
  return seenOf([text, reasoning], reason, usage, id, calls)
}

function seenOf(
  [text, reasoning = '']: readonly [text: string, reasoning: string | undefined],
  finishReason: string,
  { inputTokens, outputTokens }: Pick<Seen, 'inputTokens' | 'outputTokens'>,
  id: string,
  calls: readonly { toolName: string; input: unknown }[],
): Seen {
  return {
    text,
    reasoning,
    finishReason,
    inputTokens,
    outputTokens,
    id,
    toolCalls: calls.map(({ toolName, input }) => ({ toolName, input })),
  }
}

const MODELS: Readonly<Record<string, () => LanguageModel>> = {
  'openai, Responses': () => createOpenAI({ apiKey: 'sk-one' })('gpt-5.1'),
  'openai, chat': () => createOpenAI({ apiKey: 'sk-one' }).chat('gpt-5.1'),
  anthropic: () => createAnthropic({ apiKey: 'sk-one' })('claude-sonnet-4-5'),
  google: () => createGoogle({ apiKey: 'sk-one' })('gemini-3-pro'),
}

describe.for(Object.entries(MODELS))('the AI SDK over %s', ([, model]) => {
  test('sees the same whether it asks for a stream first or for a document', async () => {
    const network = install()
    const first = await generated(model())
    expect(await streamed(model())).toEqual(first)
    expect(network.calls).toHaveLength(1)
  })

  test('sees the same whether it asks for a document first or for a stream', async () => {
    const network = install()
    const first = await streamed(model())
    expect(await generated(model())).toEqual(first)
    expect(network.calls).toHaveLength(1)
  })
})

test('the AI SDK gets a call of a tool from either form, though it asks for tools to stream', async () => {
  const network = install()
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-sonnet-4-5',
    content: [{ type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Zürich' } }],
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 9 },
  }
  network.script({ events: [JSON.stringify(message)], contentType: 'application/json' })
  const model = createAnthropic({ apiKey: 'sk-one' })('claude-sonnet-4-5')
  const first = await generated(model)
  expect(first.toolCalls).toEqual([{ toolName: 'weather', input: { city: 'Zürich' } }])
  expect(await streamed(model)).toEqual(first)
  expect(network.calls).toHaveLength(1)
})

const messages = [{ role: 'user' as const, content: 'Say something.' }]

test('cohere-ai gets from a stream what it read in a document', async () => {
  const network = install()
  const client = new CohereClientV2({ token: 'sk-one', maxRetries: 0 })
  const whole = await client.chat({ model: 'command-a', messages })
  const events = await collect(await client.chatStream({ model: 'command-a', messages }))
  const texts = events.flatMap((event) =>
    event.type === 'content-delta' ? (event.delta?.message?.content?.text ?? '') : [],
  )
  expect([{ type: 'text', text: texts.join('') }]).toEqual(whole.message.content)
  expect(events.at(-1)).toMatchObject({ type: 'message-end', delta: { finishReason: 'COMPLETE', usage: whole.usage } })
  expect(network.calls).toHaveLength(1)
})

test('LangChain sees the same whether it streams or not', async () => {
  const network = install()
  const model = new ChatOpenAI({ apiKey: 'sk-one', model: 'gpt-5.1', maxRetries: 0 })
  const chunks = await collect(await model.stream('Say something.'))
  const whole = await model.invoke('Say something.')
  expect(whole.content).toBe(chunks.map((chunk) => String(chunk.content)).join(''))
  expect(whole.usage_metadata).toEqual(chunks.findLast((chunk) => chunk.usage_metadata)?.usage_metadata)
  expect(network.calls).toHaveLength(1)
})

test("Groq's and Mistral's streams tell the usage unasked, where their SDKs look", async () => {
  const network = install()
  const groq = new Groq({ apiKey: 'sk-one', maxRetries: 0 })
  const whole = await groq.chat.completions.create({ model: 'llama', messages })
  const chunks = await collect(await groq.chat.completions.create({ model: 'llama', messages, stream: true }))
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe(whole.choices[0]?.message.content)
  expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], x_groq: { usage: whole.usage } })

  const mistral = new Mistral({ apiKey: 'sk-one' })
  const document = await mistral.chat.complete({ model: 'mistral-small', messages })
  const events = await collect(await mistral.chat.stream({ model: 'mistral-small', messages }))
  expect(events.at(-1)?.data).toMatchObject({ choices: [{ finishReason: 'stop' }], usage: document.usage })
  expect(network.calls).toHaveLength(2)
})
