import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { cassettePath, withCassette } from '../support/cassette.ts'
import { type ClientUnderTest, optionsAt } from '../support/client.ts'
import { USE_PACKAGE } from '../support/package.ts'
import { runNode } from '../support/run-node.ts'
import { startProvider } from '../support/start-provider.ts'
import { aiAnthropic, aiGateway, aiGoogle, aiOpenAi } from './ai-sdk.ts'
import { anthropic } from './anthropic.ts'
import { axiosClient } from './axios.ts'
import { azure } from './azure.ts'
import { bedrock } from './bedrock.ts'
import { cohere } from './cohere.ts'
import { googleGenAi } from './google-genai.ts'
import { groq } from './groq.ts'
import { langchain } from './langchain.ts'
import { mistral } from './mistral.ts'
import { ollama } from './ollama.ts'
import { openai } from './openai.ts'
import { openRouterProvider, openRouterSdk } from './openrouter.ts'
import { together } from './together.ts'

const PRINT = fileURLToPath(new URL('../support/print-client-answers.ts', import.meta.url))
const CLIENTS = [
  ...[openai, anthropic, aiOpenAi, aiAnthropic, aiGoogle, aiGateway, langchain],
  ...[
    axiosClient,
    azure,
    bedrock,
    cohere,
    googleGenAi,
    groq,
    mistral,
    ollama,
    openRouterProvider,
    openRouterSdk,
    together,
  ],
]

/** What each call gives its caller, as JSON. */
async function answersOf(under: ClientUnderTest, origin: string): Promise<unknown> {
  const answers: Record<string, unknown> = {}
  for (const [name, ask] of Object.entries(under.calls)) answers[name] = await ask({ apiKey: 'sk-one', origin })
  return JSON.parse(JSON.stringify(answers))
}

test.for(CLIENTS)(
  'what $name was answered, streams too, it is answered by a cassette in a process without a network',
  async (under) => {
    const { origin, calls } = await startProvider()
    const path = cassettePath()
    const { hosts = [], providers = [] } = optionsAt(under, origin)
    const answers = await withCassette(path, { mode: 'once', hosts, providers }, () => answersOf(under, origin))
    const asked = calls.length
    const { stdout, stderr } = await runNode([...USE_PACKAGE, PRINT, under.module, under.name, origin, path])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual({ answers, unused: [] })
    expect(calls).toHaveLength(asked)
  },
)
