import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { FetchHttpHandler } from '@smithy/fetch-http-handler'
import { describe, expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { collect } from '../support/client.ts'
import type { Network } from '../support/network.ts'
import { startNetwork } from '../support/start-network.ts'
import { frame } from '../support/verdicts/case.ts'

const modelId = 'anthropic.claude-opus-5-v1:0'
const messages = [{ role: 'user' as const, content: [{ text: 'Say something.' }] }]
const claude = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [{ role: 'user', content: 'Hm?' }] }
const invoke = { modelId, contentType: 'application/json', body: JSON.stringify(claude) }

const claudeStream = [
  { type: 'message_start', message: { id: 'msg_1', role: 'assistant', content: [], usage: { input_tokens: 3 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Grüße' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
  { type: 'message_stop' },
]

/** What Bedrock answers where it is no JSON: binary frames. */
const streams = {
  converse: [
    frame('messageStart', { role: 'assistant' }),
    frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Grüße' } }),
    frame('contentBlockStop', { contentBlockIndex: 0 }),
    frame('messageStop', { stopReason: 'end_turn' }),
    frame('metadata', { usage: { inputTokens: 9, outputTokens: 3, totalTokens: 12 }, metrics: { latencyMs: 1 } }),
  ],
  invoke: claudeStream.map((event) => frame('chunk', { bytes: Buffer.from(JSON.stringify(event)).toString('base64') })),
}

interface Case {
  readonly name: string
  readonly call: (client: BedrockRuntimeClient) => Promise<unknown>
  readonly stream?: readonly Uint8Array[]
}

const cases: readonly Case[] = [
  {
    name: 'Converse',
    call: async (client) => plain(await client.send(new ConverseCommand({ modelId, messages }))),
  },
  {
    name: 'ConverseStream',
    call: async (client) =>
      collect((await client.send(new ConverseStreamCommand({ modelId, messages }))).stream ?? nothing()),
    stream: streams.converse,
  },
  {
    name: 'InvokeModel',
    call: async (client) => (await client.send(new InvokeModelCommand(invoke))).body.transformToString(),
  },
  {
    name: 'InvokeModelWithResponseStream',
    call: async (client) =>
      collect((await client.send(new InvokeModelWithResponseStreamCommand(invoke))).body ?? nothing()),
    stream: streams.invoke,
  },
]

async function* nothing(): AsyncGenerator<never> {}

/** Without what the SDK tells of the HTTP exchange. */
function plain(output: object): object {
  return { ...output, $metadata: undefined }
}

/** Its default handler speaks HTTP/2 beside undici; the one of `@smithy/fetch-http-handler` goes through fetch. */
function create(accessKeyId = 'AKIDONE', seconds = 0): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'eu-west-1',
    credentials: { accessKeyId, secretAccessKey: 'secret' },
    requestHandler: new FetchHttpHandler(),
    systemClockOffset: seconds * 1000,
    maxAttempts: 1,
  })
}

function startBedrock({ stream }: Case): Network {
  const network = startNetwork()
  const behaviour = stream && { events: stream, contentType: 'application/vnd.amazon.eventstream' }
  if (behaviour !== undefined) network.script(behaviour, behaviour)
  return network
}

describe.for(cases)('$name', (one) => {
  test('is answered from memory the second time, although its signature differs', async () => {
    const network = startBedrock(one)
    const cache = installCache()
    const first = await one.call(create())
    expect(await one.call(create('AKIDONE', 60))).toEqual(first)
    expect(network.calls).toHaveLength(1)
    expect(cache.stats()).toMatchObject({ misses: 1, hits: 1, stores: 1, bypasses: {}, refusals: {} })
  })

  test('is a miss with another access key', async () => {
    const network = startBedrock(one)
    installCache()
    await one.call(create())
    await one.call(create('AKIDTWO'))
    expect(network.calls).toHaveLength(2)
  })
})

test('two calls of one client are signed differently', async () => {
  const network = startNetwork()
  installCache({ rules: [{ match: { provider: 'bedrock' }, enabled: false }] })
  for (const seconds of [0, 60]) await create('AKIDONE', seconds).send(new ConverseCommand({ modelId, messages }))
  const [first, second] = network.calls.map(({ headers }) => headers.get('authorization'))
  expect(first).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDONE/)
  expect(second).not.toBe(first)
})
