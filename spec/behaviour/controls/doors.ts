import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import * as undici from 'undici'
import { bodyOf, see, seen, type Asked, type Seen } from './setup.ts'

/** A way in which apps call a provider. */
export interface ControlDoor {
  readonly name: string
  call(origin: string, asked: Asked): Promise<Seen>
}

const { model, messages } = { model: 'gpt-5.1', messages: [{ role: 'user' as const, content: 'Say something.' }] }

/** The built-in fetch, `undici.request` with headers in two shapes, and two SDKs. */
export const CONTROL_DOORS: readonly ControlDoor[] = [
  { name: 'built-in fetch', call: viaFetch },
  { name: 'undici.request', call: (origin, asked) => viaRequest(origin, asked, (headers) => headers) },
  {
    name: 'undici.request with a flat array of headers',
    call: (origin, asked) => viaRequest(origin, asked, (headers) => Object.entries(headers).flat()),
  },
  { name: 'the openai SDK', call: viaOpenAI },
  { name: 'the Anthropic SDK', call: viaAnthropic },
]

async function viaFetch(origin: string, { headers, fields }: Asked): Promise<Seen> {
  const own = { 'content-type': 'application/json', authorization: 'Bearer sk-one', ...headers }
  const body = JSON.stringify(bodyOf(fields))
  return see(await fetch(`${origin}/v1/chat/completions`, { method: 'POST', headers: own, body }))
}

type Shape = (headers: Record<string, string>) => Record<string, string> | string[]

async function viaRequest(origin: string, { headers, fields }: Asked, shape: Shape): Promise<Seen> {
  const own = { 'Content-Type': 'application/json', Authorization: 'Bearer sk-one', ...headers }
  const body = JSON.stringify(bodyOf(fields))
  const url = `${origin}/v1/chat/completions`
  const answer = await undici.request(url, { method: 'POST', headers: shape(own), body })
  const got = new Headers()
  for (const [name, value] of Object.entries(answer.headers))
    for (const one of [value ?? []].flat()) got.append(name, one)
  return seen(answer.statusCode, got, await answer.body.text())
}

async function viaOpenAI(origin: string, { headers = {}, fields }: Asked): Promise<Seen> {
  const client = new OpenAI({ apiKey: 'sk-one', baseURL: `${origin}/v1`, maxRetries: 0 })
  try {
    return await see(await client.chat.completions.create({ model, messages, ...fields }, { headers }).asResponse())
  } catch (error) {
    if (!(error instanceof OpenAI.APIError)) throw error
    return seen(error.status ?? 0, error.headers ?? new Headers(), JSON.stringify({ error: error.error }))
  }
}

async function viaAnthropic(origin: string, { headers = {}, fields }: Asked): Promise<Seen> {
  const client = new Anthropic({ apiKey: 'sk-one', baseURL: origin, maxRetries: 0 })
  try {
    const call = { model: 'claude-opus-5', max_tokens: 100, messages, ...fields }
    return await see(await client.messages.create(call, { headers }).asResponse())
  } catch (error) {
    if (!(error instanceof Anthropic.APIError)) throw error
    return seen(error.status ?? 0, error.headers ?? new Headers(), JSON.stringify(error.error))
  }
}
