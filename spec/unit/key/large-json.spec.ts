import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutMembers, readLargeJson } from '../../../lib/key/large-json.ts'
import { object, respell } from './respell.ts'

async function outline(text: string): Promise<unknown> {
  return (await readLargeJson(Buffer.from(text)))?.body
}

async function cut(text: string): Promise<string | undefined> {
  const bytes = Buffer.from(text)
  const read = await readLargeJson(bytes)
  return read === undefined ? undefined : Buffer.from(cutMembers(bytes, read.cacheMembers)).toString()
}

describe('the outline of a large body', () => {
  it('equals a parse where nothing is long or deep', async () => {
    await fc.assert(
      fc.asyncProperty(object, fc.gen(), async (json, gen) => {
        const text = respell(json, (bound) => gen(fc.nat, { max: bound - 1 }))
        expect(await outline(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('is the same wherever a slice ends', async () => {
    const json = { model: 'gpt', n: 12, esc: '\\"{[', t: true, list: [1.5, null, 'é'], cache: { ttl: 1 } }
    for (let pad = 65_400; pad <= 65_540; pad++) {
      const text = `{"pad":"${'x'.repeat(pad)}",${JSON.stringify(json).slice(1)}`
      expect(await outline(text)).toEqual({ pad: '', ...json })
    }
  })

  it('empties long strings, and leaves out what is deep or far back', async () => {
    const deep = `${'['.repeat(40)}1${']'.repeat(40)}`
    const items = Array.from({ length: 20_000 }, (_, at) => ({ at }))
    const read = await outline(`{"a":${deep},"s":"${'y'.repeat(5000)}","items":${JSON.stringify(items)},"z":[1]}`)
    expect(read).toMatchObject({ s: '', z: [1] })
    expect(read).toHaveProperty('items', items.slice(0, 10_000))
    expect(JSON.stringify(read)).toContain('[null]')
  })

  it('survives millions of levels', async () => {
    const levels = 2_000_000
    expect(await outline(`{"a":${'['.repeat(levels)}${']'.repeat(levels)},"model":"m"}`)).toMatchObject({ model: 'm' })
  })

  it.each([
    '',
    '[]',
    '1',
    '"a"',
    '{',
    '{"a":1',
    '{"a"}',
    '{1:2}',
    '{"a":1}}',
    '{"a":1}{}',
    '{"a":nope}',
    '{"a',
    '{"a":"\\x"}',
  ])('does not exist for %j', async (text) => expect(await outline(text)).toBeUndefined())

  it('keeps a member called __proto__ a member', async () => {
    expect(await outline('{"__proto__":{"a":1}}')).toEqual(JSON.parse('{"__proto__":{"a":1}}'))
  })
})

describe('cutMembers', () => {
  it.each([
    ['{"cache":{"ttl":1}}', '{}'],
    ['{"cache":1,"a":2}', '{"a":2}'],
    ['{"a":2,"cache":1}', '{"a":2}'],
    ['{"a":2 , "cache" : [1,2] , "b":3}', '{"a":2  , "b":3}'],
    ['{ "cache":1 , "b":3}', '{  "b":3}'],
    ['{"cache":1,"a":2,"cache":3}', '{"a":2}'],
    ['{"a":{"cache":1},"b":["cache"],"c":"\\"cache\\":1"}', '{"a":{"cache":1},"b":["cache"],"c":"\\"cache\\":1"}'],
    ['{"cache":1 , "cache":2 , "a":3}', '{ "a":3}'],
    ['{"cache":1,"cache":2}', '{}'],
    ['{"\\u0063ache":1,"a":2}', '{"a":2}'],
  ])('makes %s %s', async (text, expected) => {
    expect(await cut(text)).toBe(expected)
  })

  it('cuts thousands of members in one go', async () => {
    const many = '"cache":{"type":"exact_match"},'.repeat(100_000)
    expect(await cut(`{${many}"a":1,${many}"b":2}`)).toBe('{"a":1,"b":2}')
  })
})
