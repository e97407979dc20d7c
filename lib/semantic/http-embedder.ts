import { checkMembers, fail, isInteger, isText, MAX_TEXT, memberOf } from '../base/check.ts'
import { isObject } from '../base/json.ts'
import type { Embedder } from './embedder.ts'
import { noteServer } from './embedder-server.ts'
import type { Embed } from './embedding.ts'

/** Options of {@link httpEmbedder}. */
export interface HttpEmbedderOptions {
  /**
   * The base URL, as for an SDK: `https://api.openai.com/v1`. `/embeddings` is appended; a query (Azure's
   * `api-version`) is kept.
   */
  readonly baseURL: string
  /** Sent as `Authorization: Bearer …`. Default none. */
  readonly apiKey?: string
  /** The server's name for the model: `text-embedding-3-small`. */
  readonly model: string
  /** Length of a vector, 1 … 100,000, for models that support shorter ones. Default: the model's own. */
  readonly dimensions?: number
  /** Headers besides those of a JSON call: Azure's `api-key`. Default none. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Texts in one call: the default limit of every server. */
const MAX_TEXTS = 32
/** Milliseconds after which a call is abandoned: nobody waits for it any more. */
const GIVE_UP = 60_000

const CHECKS = {
  baseURL: isBaseURL,
  apiKey: isHeaderText,
  model: isText,
  dimensions: isInteger({ min: 1, max: 100_000 }),
  headers(value: unknown, path: string): void {
    if (!isObject(value)) return fail(path, 'an object of strings', value)
    for (const [name, text] of Object.entries(value)) isHeaderText(text, `${path}.${name}`)
  },
} satisfies Record<keyof HttpEmbedderOptions, unknown>

/**
 * Embeds texts by an OpenAI-compatible `/embeddings`, through the global fetch. An installed cache stores the vectors
 * text by text, also in its second tier, and makes equal calls once. A cache whose option `semantic` has this embedder
 * knows the server without `hosts`.
 *
 * `embed` rejects with an `Error` that names the status, never the body.
 *
 * https://platform.openai.com/docs/api-reference/embeddings
 *
 * @throws TypeError naming the path, what was expected and what came, for a wrong or unknown option.
 */
export function httpEmbedder(options: HttpEmbedderOptions): Embedder {
  checkMembers(options, CHECKS, 'httpEmbedder')
  for (const name of ['baseURL', 'model'] as const) {
    if (options[name] === undefined) fail(`httpEmbedder.${name}`, 'a string', undefined)
  }
  const url = new URL(options.baseURL)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/embeddings`
  const embed: Embed = async (texts) => {
    const vectors = await Promise.all(inParts(texts).map((part) => request(url, options, part)))
    return vectors.flat()
  }
  noteServer(embed, url)
  // The host is part of the id, since a server run by the app may give a model any name.
  const id = [options.model, options.dimensions, url.host].filter((part) => part !== undefined).join(' ')
  return { embed, id: id.slice(0, MAX_TEXT) }
}

function inParts(texts: readonly string[]): string[][] {
  const count = Math.ceil(texts.length / MAX_TEXTS)
  return Array.from({ length: count }, (_, at) => texts.slice(at * MAX_TEXTS, (at + 1) * MAX_TEXTS))
}

async function request(url: URL, options: HttpEmbedderOptions, input: readonly string[]): Promise<number[][]> {
  const { apiKey, model, dimensions, headers } = options
  const credential = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...credential, ...headers },
    body: JSON.stringify({ model, input, ...(dimensions !== undefined && { dimensions }) }),
    signal: AbortSignal.timeout(GIVE_UP),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`The embeddings server answered ${response.status}`)
  }
  return vectorsOf(await readJson(response), input.length)
}

/** Reads a JSON body. The parser's own message would quote it. */
async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    throw new Error(`The embeddings server answered ${response.status} without JSON`)
  }
}

/** The vectors in the order of the texts, by the answer's `index` if it has one. */
function vectorsOf(answer: unknown, count: number): number[][] {
  const data = memberOf(answer, 'data')
  const items: readonly unknown[] = Array.isArray(data) ? data : []
  const vectors: number[][] = []
  for (const [at, item] of items.entries()) {
    const [index, vector] = [memberOf(item, 'index') ?? at, memberOf(item, 'embedding')]
    if (typeof index === 'number' && Array.isArray(vector)) vectors[index] = vector
  }
  if (items.length !== count || Object.keys(vectors).length !== count) {
    throw new Error(`The embeddings server answered 200 with something else than ${count} vectors`)
  }
  return vectors
}

function isBaseURL(value: unknown, path: string): void {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
  // The value is not shown: the query of a URL may hold a key.
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    fail(path, 'a base URL such as https://api.openai.com/v1', typeof value === 'string' ? 'another string' : value)
  }
  if (url.username + url.password !== '') fail(path, 'a URL without user and password', url.origin)
}

/** The value is never shown: it may be a credential. */
function isHeaderText(value: unknown, path: string): void {
  if (typeof value !== 'string' || value === '' || /[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw new TypeError(`${path} must be a string that can stand in a header`)
  }
}
