import { isObject, parseJson } from '../../base/json.ts'

/** One call from a line. */
export interface RequestLine {
  /** The original line, for the file of failures. */
  readonly line: object
  readonly url: URL
  readonly body: object
}

/** Defaults for what a line leaves out. */
export interface Defaults {
  /** `https://api.openai.com`, or with a path in front of each line's; `undefined`: by the kind of the line. */
  readonly baseURL: string | undefined
  /** Path of lines without one. */
  readonly path: string
}

const OPENAI = 'https://api.openai.com'
const ANTHROPIC = 'https://api.anthropic.com'
const GEMINI = 'https://generativelanguage.googleapis.com'

/**
 * Reads one line of a batch file: OpenAI's `{ custom_id, method, url, body }`, where `url` may also be a full URL of
 * any provider; Anthropic's `{ custom_id, params }`; Mistral's `{ custom_id, body }` and Gemini's `{ key, request }`,
 * whose path has a default. Returns an error text for any other line.
 *
 * https://platform.openai.com/docs/api-reference/batch/request-input
 * https://platform.claude.com/docs/en/api/creating-message-batches
 * https://ai.google.dev/gemini-api/docs/batch-api
 */
export function readRequestLine(text: string, { baseURL, path }: Defaults): RequestLine | string {
  const line = parseJson(text)
  if (!isObject(line)) return 'it is no JSON object'
  const { method = 'POST', url, body, params, request } = line
  if (method !== 'POST') return 'its method is not POST'
  if (isObject(params)) return callTo(line, baseURL ?? ANTHROPIC, '/v1/messages', params)
  if (isObject(request)) return callTo(line, baseURL ?? GEMINI, path, request)
  if (!isObject(body)) return 'it has no body, params or request'
  const where = typeof url === 'string' ? url : path
  return callTo(line, baseURL ?? (where.endsWith('/v1/messages') ? ANTHROPIC : OPENAI), where, body)
}

function callTo(line: object, baseURL: string, path: string, body: object): RequestLine | string {
  if (URL.canParse(path)) return { line, url: new URL(path), body }
  const base = new URL(baseURL)
  const prefix = base.pathname.replace(/\/$/, '')
  // A base URL often ends in /v1, which the path begins with.
  const whole = path.startsWith(`${prefix}/`) ? path : `${prefix}/${path.replace(/^\//, '')}`
  return { line, url: new URL(whole, base), body }
}
