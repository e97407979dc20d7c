/** A chat call as SDKs make it, through the global fetch. */
export function chat(origin: string, fields: object = {}, init: RequestInit = {}): Promise<Response> {
  const body = { model: 'gpt-5.1', messages: [{ role: 'user', content: 'Say something.' }], ...fields }
  return post(`${origin}/v1/chat/completions`, JSON.stringify(body), init)
}

/** A POST with a key, through the global fetch. */
export function post(url: string, body: RequestInit['body'], init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-one' }
  return fetch(url, { method: 'POST', headers, body: body ?? null, ...init })
}

/** What `x-llm-cache` says. */
export function statusOf(response: Response): string | null {
  return response.headers.get('x-llm-cache')
}
