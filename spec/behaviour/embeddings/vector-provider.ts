import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { vector } from '../../support/shapes/openai-other.ts'
import { listen } from '../../support/listen.ts'

/** One text, or its tokens. */
export type Item = string | readonly number[]

/** A call for embeddings. */
export interface Ask {
  readonly model: string
  readonly input: Item | readonly Item[]
  readonly encoding_format?: string
  readonly dimensions?: number
}

/** An embeddings answer. */
export interface Vectors {
  readonly object: string
  readonly data: readonly { readonly object: string; readonly index: number; readonly embedding: unknown }[]
  readonly model: string
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number }
}

/** A provider of embeddings that counts a token a byte and lists its vectors backwards. */
export interface VectorProvider {
  readonly origin: string
  /** The items of each call that reached it. */
  readonly asked: readonly (readonly Item[])[]
}

/** Opens one for the running spec. */
export async function startVectorProvider(): Promise<VectorProvider> {
  const asked: (readonly Item[])[] = []
  const server = createServer(async (request, response) => {
    const ask = (await json(request)) as Ask // what the specs send
    asked.push(itemsOf(ask.input))
    const answer = vectorsFor(ask)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ ...answer, data: answer.data.toReversed() }))
  })
  return { origin: await listen(server), asked }
}

/** What the provider answers, in order. */
export function vectorsFor(ask: Ask): Vectors {
  const items = itemsOf(ask.input)
  const data = items.map((item, index) => ({ object: 'embedding', index, embedding: embed(item, ask) }))
  const tokens = items.reduce(
    (sum, item) => sum + (typeof item === 'string' ? Buffer.byteLength(item) : item.length),
    0,
  )
  return { object: 'list', data, model: ask.model, usage: { prompt_tokens: tokens, total_tokens: tokens } }
}

function itemsOf(input: Ask['input']): readonly Item[] {
  if (typeof input === 'string') return [input]
  return isTokens(input) ? [input] : input
}

function isTokens(input: readonly (Item | number)[]): input is readonly number[] {
  return typeof input[0] === 'number'
}

function embed(item: Item, { model, dimensions = 8, encoding_format: format }: Ask): unknown {
  const numbers = vector([model, item]).slice(0, dimensions)
  return format === 'base64' ? Buffer.from(Float32Array.from(numbers).buffer).toString('base64') : numbers
}
