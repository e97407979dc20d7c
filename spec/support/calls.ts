import { zstdDecompressSync } from 'node:zlib'

/** A chat call as SDKs make it, through the global fetch. */
export function chat(origin: string, fields: object = {}, init: RequestInit = {}): Promise<Response> {
  const body = { model: 'gpt-5.1', messages: [{ role: 'user', content: 'Say something.' }], ...fields }
  return post(`${origin}/v1/chat/completions`, JSON.stringify(body), init)
}

/** fetch ends the call of a response that is garbage before it was read, and specs do not read each of theirs. */
const responses: Response[] = []

/** A POST with a key, through the global fetch. */
export async function post(url: string, body: RequestInit['body'], init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
  const response = await fetch(url, { method: 'POST', headers, body: body ?? null, ...init })
  responses.push(response)
  return response
}

/** What `x-llm-cache` says. */
export function statusOf(response: Response): string | null {
  return response.headers.get('x-llm-cache')
}

/** Its text. Node 22's own fetch leaves zstd as it came. */
export async function decodedText(response: Response): Promise<string> {
  const bytes = Buffer.from(await response.arrayBuffer())
  return (bytes.subarray(0, 4).equals(ZSTD) ? zstdDecompressSync(bytes) : bytes).toString()
}

/** The first bytes of a frame (RFC 8878, section 3.1.1). */
const ZSTD = Buffer.of(0x28, 0xb5, 0x2f, 0xfd)
