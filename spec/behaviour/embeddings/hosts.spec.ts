import { expect, test } from 'vitest'
import { installCache } from '../../support/cache.ts'
import { post, statusOf } from '../../support/calls.ts'
import { startNetwork } from '../../support/start-network.ts'
import { vector } from '../../support/shapes/openai-other.ts'
import { detailOf, vectorsOf } from './embed.ts'

/** How a host answers texts, and what its users send beside them. */
interface Host {
  readonly url: string
  readonly fields?: object
  readonly usage?: object
  readonly extra?: object
}

const tokens = { prompt_tokens: 4, total_tokens: 4 }

/** Hosts of OpenAI's shape; the documentation of each is linked in its row of the provider table. */
const SHARED: Readonly<Record<string, Host>> = {
  voyage: {
    url: 'https://api.voyageai.com/v1/embeddings',
    fields: { input_type: 'document', truncation: true, output_dimension: 256 },
    usage: { total_tokens: 4 },
  },
  mistral: {
    url: 'https://api.mistral.ai/v1/embeddings',
    fields: { output_dtype: 'float' },
    usage: { ...tokens, completion_tokens: 0, prompt_audio_seconds: null },
    extra: { id: 'b0' },
  },
  jina: {
    url: 'https://api.jina.ai/v1/embeddings',
    fields: { task: 'text-matching', normalized: true },
    usage: tokens,
  },
  together: { url: 'https://api.together.ai/v1/embeddings', extra: { request_id: 'r-1' } },
  nvidia: {
    url: 'https://integrate.api.nvidia.com/v1/embeddings',
    fields: { input_type: 'passage', truncate: 'END' },
    usage: tokens,
  },
  azure: {
    url: 'https://mine.openai.azure.com/openai/deployments/small/embeddings?api-version=2024-10-21',
    usage: tokens,
  },
  openrouter: {
    url: 'https://openrouter.ai/api/v1/embeddings',
    usage: { ...tokens, cost: 0.000_000_8 },
    extra: { id: 'gen-1', provider: 'OpenAI' },
  },
}

/** What such a host may answer or be asked that ties texts together. */
const WHOLE: Readonly<Record<string, Host>> = {
  'jina with late_chunking': { url: 'https://api.jina.ai/v1/embeddings', fields: { late_chunking: true } },
  'a host with parts of usage': {
    url: 'https://openrouter.ai/api/v1/embeddings',
    usage: { ...tokens, cost_details: { upstream_inference_cost: 1 } },
  },
}

function answer(texts: readonly string[], { usage, extra }: Host): string {
  const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: vector(text) }))
  return JSON.stringify({ ...extra, object: 'list', data, model: 'm', ...(usage && { usage }) })
}

function ask(host: Host, input: readonly string[]): Promise<Response> {
  return post(host.url, JSON.stringify({ model: 'm', input, ...host.fields }))
}

test.for(Object.entries(SHARED))('the texts of a batch are shared at %s', async ([, host]) => {
  const network = startNetwork()
  installCache()
  network.script({ events: [answer(['a', 'b'], host)] }, { events: [answer(['c'], host)] })
  await ask(host, ['a', 'b'])
  const response = await ask(host, ['b', 'c'])
  expect(detailOf(response)).toBe('items=1/2')
  expect(await vectorsOf(response)).toEqual([vector('b'), vector('c')])
  expect(JSON.parse(network.calls[1]?.body.toString() ?? '')).toEqual({ model: 'm', input: ['c'], ...host.fields })
})

test.for(Object.entries(WHOLE))('a batch is one answer at %s', async ([, host]) => {
  const network = startNetwork()
  installCache()
  network.script({ events: [answer(['a', 'b'], host)] }, { events: [answer(['b', 'c'], host)] })
  await ask(host, ['a', 'b'])
  expect(detailOf(await ask(host, ['b', 'c']))).toBeUndefined()
  expect(statusOf(await ask(host, ['a', 'b']))).toBe('HIT')
  expect(network.calls).toHaveLength(2)
})
