import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime'
import Anthropic from '@anthropic-ai/sdk'
import { FetchHttpHandler } from '@smithy/fetch-http-handler'
import { GoogleGenAI } from '@google/genai'
import { generateText } from 'ai'
import { createOpenAI } from '@ai-sdk/openai'
import { CohereClientV2 } from 'cohere-ai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { cassettePath, chat, insert, messageOf, withCassette } from '../../support/cassette.ts'
import { startNetwork } from '../../support/start-network.ts'

const OPENAI = 'https://api.openai.com'
const MESSAGES = [{ role: 'user' as const, content: 'Hi' }]

describe('a call that is not recorded fails at once, with the reason in the error that its SDK throws', () => {
  const clients: Record<string, () => Promise<unknown>> = {
    openai: () => new OpenAI({ apiKey: 'sk-one' }).chat.completions.create({ model: 'gpt-5', messages: MESSAGES }),
    'openai, streamed': () =>
      new OpenAI({ apiKey: 'sk-one' }).chat.completions.create({ model: 'gpt-5', messages: MESSAGES, stream: true }),
    '@anthropic-ai/sdk': () =>
      new Anthropic({ apiKey: 'sk-one' }).messages.create({ model: 'claude', max_tokens: 9, messages: MESSAGES }),
    ai: () => generateText({ model: createOpenAI({ apiKey: 'sk-one' })('gpt-5'), prompt: 'Hi' }),
    '@google/genai': () =>
      new GoogleGenAI({ apiKey: 'one' }).models.generateContent({ model: 'gemini-3-pro', contents: 'Hi' }),
    'cohere-ai': () => new CohereClientV2({ token: 'one' }).chat({ model: 'command-a', messages: MESSAGES }),
    ollama: () => new Ollama({ host: 'http://localhost:11434' }).chat({ model: 'llama', messages: MESSAGES }),
    '@aws-sdk/client-bedrock-runtime': () =>
      new BedrockRuntimeClient({
        region: 'eu-west-1',
        credentials: { accessKeyId: 'one', secretAccessKey: 'two' },
        requestHandler: new FetchHttpHandler(),
      }).send(new ConverseCommand({ modelId: 'nova', messages: [{ role: 'user', content: [{ text: 'Hi' }] }] })),
  }

  test.for(Object.entries(clients))('%s', async ([, call]) => {
    const network = startNetwork()
    const cassette = await insert(cassettePath('chat.jsonl'), { mode: 'none', hosts: ['http://localhost:11434'] })
    let asked = 0
    const { fetch } = globalThis
    globalThis.fetch = (...request) => (asked++, fetch(...request))
    try {
      await expect(call()).rejects.toThrow(/The cassette .*chat\.jsonl has no answer to POST /)
    } finally {
      globalThis.fetch = fetch
    }
    await cassette.close()
    expect(asked).toBeLessThanOrEqual(1)
    expect(network.calls).toEqual([])
  })
})

test('a miss is a 400 that says it is not to be retried', async () => {
  const answer = await withCassette(cassettePath(), { mode: 'none' }, () => chat(OPENAI))
  expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([400, 'false'])
})

describe('the message of a miss', () => {
  const recorded = {
    temperature: 0,
    metadata: { a: '1' },
    messages: [{ role: 'system', content: 'Be brief.' }, ...MESSAGES],
  }

  /** What a call is told whose like was recorded. */
  async function told(body: object, headers: Record<string, string> = {}, path = cassettePath()): Promise<string> {
    startNetwork()
    await withCassette(path, { mode: 'once' }, async () => {
      await chat(OPENAI, { ...recorded, model: 'gpt-4', temperature: 1, messages: [] })
      await chat(OPENAI, recorded)
    })
    return messageOf(await withCassette(path, { mode: 'none' }, () => chat(OPENAI, body, headers)))
  }

  test('names the cassette, the nearest entry, and each JSON path that differs from it', async () => {
    const path = cassettePath('chat.jsonl')
    const messages = [{ role: 'system', content: 'Be brief!' }, ...MESSAGES, { role: 'assistant', content: 'Yes' }]
    const message = await told({ ...recorded, messages, temperature: 0.5, seed: 1, model: 'gpt-5-mini' }, {}, path)
    expect(message).toContain(`${path} has no answer to POST ${OPENAI}/v1/chat/completions (mode none)`)
    expect(message).toMatch(/The nearest entry, POST \S+ \(key [0-9a-f]{16}, ordinal 0\), differs in /)
    expect(message).toContain('body model (recorded gpt-5, called gpt-5-mini)')
    expect(message).toContain('body messages[0].content (from character 9 on)')
    expect(message).toContain('body messages (recorded 2 items, called with 3)')
    expect(message).toContain('body temperature (recorded 0, called 0.5)')
    expect(message).toContain('body seed (not in the recording)')
  })

  test('names headers that differ', async () => {
    const message = await told(recorded, { 'x-policy': 'strict' })
    expect(message).toContain('differs in header x-policy (not in the recording)')
  })

  test('holds no text of the call and no secret', async () => {
    const key = 'sk-proj-abcdefgh0123456789abcdefgh'
    const messages = [{ role: 'system', content: `Use ${key}` }]
    const message = await told(
      { ...recorded, messages, metadata: { a: '1', [key]: '1' } },
      { authorization: `Bearer ${key}` },
    )
    expect(message).toContain('body metadata.[secret] (not in the recording)')
    expect(message).not.toContain(key)
    expect(message).not.toMatch(/Be brief|Use /)
  })

  test('says so where only what no parse shows is different: the order in a schema', async () => {
    startNetwork()
    const path = cassettePath()
    const schema = (properties: object): object => ({
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object', properties } } },
    })
    await withCassette(path, { mode: 'once' }, () => chat(OPENAI, schema({ a: {}, b: {} })))
    const answer = await withCassette(path, { mode: 'none' }, () => chat(OPENAI, schema({ b: {}, a: {} })))
    expect(await messageOf(answer)).toContain('differs in the order of properties')
  })

  test('does not name what is ignored', async () => {
    startNetwork()
    const path = cassettePath()
    await withCassette(path, { mode: 'once' }, () => chat(OPENAI, { user: 'one' }))
    const options = { mode: 'none', ignoreFields: ['user'] } as const
    const answer = await withCassette(path, options, () => chat(OPENAI, { user: 'two', seed: 1 }))
    expect(await messageOf(answer)).toMatch(/differs in body seed \(not in the recording\)\. /)
  })
})
