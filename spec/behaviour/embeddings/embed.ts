import { post } from '../../support/calls.ts'
import type { Provider } from '../../support/provider.ts'
import type { Vectors } from './vector-provider.ts'

/** An embeddings call through the global fetch. */
export function embed(
  { origin }: Pick<Provider, 'origin'>,
  input: unknown,
  headers: object = {},
  fields: object = {},
  init: RequestInit = {},
): Promise<Response> {
  const all = { 'content-type': 'application/json', authorization: 'Bearer sk-one', ...headers }
  return post(`${origin}/v1/embeddings`, JSON.stringify({ model: 'm', input, ...fields }), { headers: all, ...init })
}

/** What was asked for in each call that reached the provider. */
export function asked({ calls }: Provider): unknown[] {
  return calls.map(({ body }) => JSON.parse(body.toString()).input)
}

/** `detail` of `cache-status`. */
export function detailOf(response: Response): string | undefined {
  return /detail="?([^";]*)/.exec(response.headers.get('cache-status') ?? '')?.[1]
}

/** The vectors of an answer as they stand in it. */
export async function vectorsOf(response: Response): Promise<unknown[]> {
  return (await vectors(response)).data.map(({ embedding }) => embedding)
}

/** What an answer says that it counts for. */
export async function usageOf(response: Response): Promise<Vectors['usage']> {
  return (await vectors(response)).usage
}

async function vectors(response: Response): Promise<Vectors> {
  return (await response.json()) as Vectors // a wrong shape fails the spec that compares it
}
