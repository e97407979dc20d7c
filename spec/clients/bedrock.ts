import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { FetchHttpHandler } from '@smithy/fetch-http-handler'
import { type ClientOptions, type ClientUnderTest, collect, defineClient } from '../support/client.ts'
import { rowAt } from '../support/rows.ts'

const modelId = 'anthropic.claude-opus-5-v1:0'
const messages = [{ role: 'user' as const, content: [{ text: 'Say something.' }] }]
const claude = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [{ role: 'user', content: 'Hm?' }] }
const invoke = { modelId, contentType: 'application/json', body: JSON.stringify(claude) }

let seconds = 0

/**
 * Its default handler speaks HTTP/2 beside undici; the one of `@smithy/fetch-http-handler` goes through fetch. Each client's
 * clock is a minute ahead of the one before, so that no two signatures are alike.
 */
function create({ apiKey, origin, retries = 0 }: ClientOptions): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: apiKey, secretAccessKey: 'secret' },
    requestHandler: new FetchHttpHandler(),
    systemClockOffset: (seconds += 60) * 1000,
    maxAttempts: retries + 1,
    ...(origin !== undefined && { endpoint: origin }),
  })
}

export const bedrock: ClientUnderTest = defineClient<BedrockRuntimeClient>({
  name: '@aws-sdk/client-bedrock-runtime',
  module: import.meta.url,
  create,
  calls: {
    Converse: async (client) => plain(await client.send(new ConverseCommand({ modelId, messages }))),
    ConverseStream: async (client) =>
      collect((await client.send(new ConverseStreamCommand({ modelId, messages }))).stream ?? nothing()),
    InvokeModel: async (client) => (await client.send(new InvokeModelCommand(invoke))).body.transformToString(),
    InvokeModelWithResponseStream: async (client) =>
      collect((await client.send(new InvokeModelWithResponseStreamCommand(invoke))).body ?? nothing()),
  },
  rows: rowAt('bedrock'),
})

async function* nothing(): AsyncGenerator<never> {}

/** Without what the SDK tells of the HTTP exchange. */
function plain(output: object): object {
  return { ...output, $metadata: undefined }
}
