import { describe, expect, it } from 'vitest'
import { identify, PLAIN } from './call.ts'

const TRANSCRIPTIONS = 'https://api.openai.com/v1/audio/transcriptions'

type Part = readonly [name: string, value: string | Blob, fileName?: string]

function audio(content: string, type = 'audio/mpeg'): Blob {
  return new Blob([content], { type })
}

async function encode(parts: readonly Part[]): Promise<{ body: Uint8Array; headers: Record<string, string> }> {
  const form = new FormData()
  for (const [name, value, fileName] of parts) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, fileName ?? 'a.mp3')
  }
  const response = new Response(form)
  const contentType = response.headers.get('content-type') ?? ''
  return { body: await response.bytes(), headers: { authorization: 'Bearer sk', 'content-type': contentType } }
}

async function keyOf(parts: readonly Part[]): Promise<string> {
  const { body, headers } = await encode(parts)
  return (await identify(body, { url: TRANSCRIPTIONS, headers })).key(PLAIN)
}

const PARTS: readonly Part[] = [
  ['file', audio('one')],
  ['model', 'whisper-1'],
  ['language', 'de'],
]

describe('the key of a multipart body', () => {
  it('does not depend on the boundary', async () => {
    const [one, other] = await Promise.all([encode(PARTS), encode(PARTS)])
    expect(one.headers['content-type']).not.toBe(other.headers['content-type'])
    expect(await keyOf(PARTS)).toBe(await keyOf(PARTS))
  })

  it.each<[string, readonly Part[]]>([
    ['the content of a file of the same name', [['file', audio('two')], ...PARTS.slice(1)]],
    ['the name of a file', [['file', audio('one'), 'b.wav'], ...PARTS.slice(1)]],
    ['the type of a file', [['file', audio('one', 'audio/wav')], ...PARTS.slice(1)]],
    ['the name of a field', [['audio', audio('one')], ...PARTS.slice(1)]],
    ['the value of a field', [...PARTS.slice(0, 2), ['language', 'en']]],
    ['a missing field', PARTS.slice(0, 2)],
    ['one more field', [...PARTS, ['temperature', '0']]],
    ['the order of fields', PARTS.toReversed()],
    ['text in place of a file', [['file', 'one'], ...PARTS.slice(1)]],
    ['a repeated field', [...PARTS, ['language', 'de']]],
  ])('depends on %s', async (_, parts) => {
    expect(await keyOf(parts)).not.toBe(await keyOf(PARTS))
  })

  it('gives text fields to the format', async () => {
    const { body, headers } = await encode([...PARTS, ['stream', 'true']])
    const { facts } = await identify(body, { url: TRANSCRIPTIONS, headers })
    expect(facts).toMatchObject({ model: 'whisper-1', stream: true, veto: undefined })
  })

  it.each<[string, (body: string) => string]>([
    ['is cut short', (body) => body.slice(0, -20)],
    ['has another boundary', (body) => body.replaceAll('formdata', 'other')],
    ['is empty', () => ''],
    ['has a preamble', (body) => `preamble\r\n${body}`],
    ['has an epilogue', (body) => `${body}epilogue`],
    ['has a delimiter that runs on', (body) => body.replace(/(\r\n--[^\r]+)\r\n/, '$1x\r\n')],
    ['has a part without an end of its head', (body) => body.replace('\r\n\r\n', '\r\n')],
    ['has no part with an end of its head', (body) => body.replaceAll('\r\n\r\n', '\r\n')],
  ])('is of its bytes, and the call is not cached, where the body %s', async (_, change) => {
    const { body, headers } = await encode(PARTS)
    const changed = Buffer.from(change(Buffer.from(body).toString('latin1')), 'latin1')
    const one = await identify(changed, { url: TRANSCRIPTIONS, headers })
    expect(one.facts.veto).toBe('body-encoding')
    expect(one.key(PLAIN)).toMatch(/^[0-9a-f]{64}$/)
  })

  it('reads empty files, empty fields, and content that looks like a delimiter', async () => {
    const tricky: readonly Part[] = [
      ['file', audio('')],
      ['prompt', ''],
      ['model', 'm\r\n--\r\n----\r\n\r\nx'],
      ['language', 'größe 🎧'],
    ]
    const { body, headers } = await encode(tricky)
    const { facts } = await identify(body, { url: TRANSCRIPTIONS, headers })
    expect(facts).toMatchObject({ model: 'm\r\n--\r\n----\r\n\r\nx', veto: undefined })
    expect(await keyOf(tricky)).toBe(await keyOf(tricky))
    expect(
      await keyOf([
        ['file', audio('')],
        ['prompt', ''],
      ]),
    ).not.toBe(await keyOf([['file', audio('')]]))
  })

  it.each(['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=""'])(
    'is of its bytes where the type is %s',
    async (contentType) => {
      const { body } = await encode(PARTS)
      const { facts } = await identify(body, { url: TRANSCRIPTIONS, headers: { 'content-type': contentType } })
      expect(facts.veto).toBe('body-encoding')
    },
  )

  it('reads a quoted boundary', async () => {
    const body = '--a b\r\ncontent-disposition: form-data; name="model"\r\n\r\nm\r\n--a b--'
    const { facts } = await identify(body, {
      url: TRANSCRIPTIONS,
      headers: { 'content-type': 'multipart/form-data; charset=utf-8; boundary="a b"' },
    })
    expect(facts).toMatchObject({ model: 'm', veto: undefined })
  })

  it('does not take different broken text for equal', async () => {
    const headers = { 'content-type': 'multipart/form-data; boundary=b' }
    const broken = (byte: number): Buffer =>
      Buffer.concat([
        Buffer.from('--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n'),
        Buffer.from([byte]),
        Buffer.from('\r\n--b--\r\n'),
      ])
    const keys = await Promise.all(
      [0x80, 0x81].map(async (byte) => (await identify(broken(byte), { url: TRANSCRIPTIONS, headers })).key(PLAIN)),
    )
    expect(keys[0]).not.toBe(keys[1])
  })
})
