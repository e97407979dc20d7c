import OpenAI from 'openai'
import { fetch as undiciFetch, request } from 'undici'
import type { ChatParameters } from './answer.ts'

/** One way in which an app makes the call. It goes through the global dispatcher. */
export interface Door {
  readonly name: string
  /** `bytes` of the body, or the assistant's `text` as an SDK puts it together. */
  readonly gives: 'bytes' | 'text'
  /** Makes the call to `origin` that is then measured. */
  open(origin: string, parameters: ChatParameters): () => Promise<Uint8Array | string>
}

/** The path that every contestant calls. */
export const PATH = '/v1/chat/completions'
/** What an SDK sends with it. */
export const HEADERS: Readonly<Record<string, string>> = {
  authorization: 'Bearer sk-bench',
  'content-type': 'application/json',
}

/** What SDKs use. */
export const builtInFetch: Door = fetchDoor('built-in fetch', globalThis.fetch)

/** The `fetch` of the npm package. */
// Its Response is the built-in one but for its identity.
export const npmFetch: Door = fetchDoor('undici fetch', undiciFetch as unknown as typeof fetch)

/** `undici.request`. */
export const undiciRequest: Door = {
  name: 'undici.request',
  gives: 'bytes',
  open(origin, parameters) {
    const init = { method: 'POST', headers: HEADERS, body: JSON.stringify(parameters) }
    return async () => {
      const { body } = await request(origin + PATH, init)
      return new Uint8Array(await body.arrayBuffer())
    }
  },
}

/** The `openai` package. */
export const openai: Door = {
  name: 'openai SDK',
  gives: 'text',
  open(origin, parameters) {
    const client = new OpenAI({ apiKey: 'sk-bench', baseURL: `${origin}/v1`, maxRetries: 0 })
    if (parameters.stream === true) {
      const streamed = { ...parameters, stream: true as const }
      return async () => {
        const parts: string[] = []
        for await (const { choices } of await client.chat.completions.create(streamed)) {
          parts.push(choices[0]?.delta.content ?? '')
        }
        return parts.join('')
      }
    }
    const whole = { ...parameters, stream: false as const }
    return async () => (await client.chat.completions.create(whole)).choices[0]?.message.content ?? ''
  },
}

function fetchDoor(name: string, fetch: typeof globalThis.fetch): Door {
  return {
    name,
    gives: 'bytes',
    open(origin, parameters) {
      const init = { method: 'POST', headers: HEADERS, body: JSON.stringify(parameters) }
      return async () => new Uint8Array(await (await fetch(origin + PATH, init)).arrayBuffer())
    },
  }
}
