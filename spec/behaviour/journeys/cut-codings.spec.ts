import { fetch as undiciFetch, request } from 'undici'
import { describe, expect, test } from 'vitest'
import { installCache } from '../../support/cache.ts'
import { startProvider } from '../../support/start-provider.ts'

const MARKER = 'data: [DONE]\n\n'
const body = JSON.stringify({ model: 'gpt-5.1', messages: [{ role: 'user', content: 'Hm?' }], stream: true })

interface Ask {
  readonly url: string
  readonly method: 'POST'
  readonly headers: Record<string, string>
  readonly body: string
}

function askFor(origin: string, acceptEncoding: string): Ask {
  const headers = {
    'content-type': 'application/json',
    authorization: 'Bearer sk-one',
    'accept-encoding': acceptEncoding,
  }
  return { url: `${origin}/v1/chat/completions`, method: 'POST', headers, body }
}

/** Reads a stream to its marker and leaves, as OpenAI's SDK does. */
async function readToMarker({ url, ...init }: Ask): Promise<string> {
  // The built-in fetch of Node 22 knows no zstd.
  const response = await undiciFetch(url, init)
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.endsWith(MARKER)) return text
  }
  throw new Error('the stream ended before its marker')
}

interface Told {
  readonly status: unknown
  readonly coding: unknown
  readonly text: string
}

/** Callers that read to the end of the transport. */
const readers: Readonly<Record<string, (ask: Ask) => Promise<Told>>> = {
  'the built-in fetch': ({ url, ...init }) => fetch(url, init).then(read),
  "undici's fetch": ({ url, ...init }) => undiciFetch(url, init).then(read),
  'a caller of undici.request that takes no coding': async ({ url, headers, ...init }) => {
    const answer = await request(url, { ...init, headers: { ...headers, 'accept-encoding': 'identity' } })
    const { 'x-llm-cache': status, 'content-encoding': coding } = answer.headers
    return { status, coding, text: await answer.body.text() }
  },
}

async function read(response: Pick<Response, 'headers' | 'text'>): Promise<Told> {
  const { headers } = response
  return { status: headers.get('x-llm-cache'), coding: headers.get('content-encoding'), text: await response.text() }
}

describe.for(['gzip', 'deflate', 'br', 'zstd'] as const)(
  'a stream in %s whose caller leaves at the marker, before the coding has ended',
  (coding) => {
    test.for(Object.entries(readers))('reaches %s whole', async ([, reader]) => {
      const provider = await startProvider()
      provider.script({ coding, hold: new Promise(() => {}) })
      const cache = installCache({ hosts: [provider.origin] })
      const ask = askFor(provider.origin, coding)
      const first = await readToMarker(ask)
      await expect.poll(() => cache.stats().stores).toBe(1)
      expect(await reader(ask)).toMatchObject({ status: 'HIT', text: first })
      expect(provider.calls).toHaveLength(1)
    })
  },
)
