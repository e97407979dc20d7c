import { describe, expect, test } from 'vitest'
import { findSecrets, withoutSecrets } from '../../../lib/cassettes/secrets.ts'
import type { CassetteEntry, RecordedBody } from '../../../lib/cassettes/entry.ts'

function entry(body: RecordedBody): CassetteEntry {
  return {
    method: 'POST',
    url: 'https://api.example.com/',
    key: '00',
    ordinal: 0,
    recordedAt: '2026-01-01T00:00:00.000Z',
    request: { headers: {}, ...body },
    response: { status: 200, headers: {} },
  }
}

const kinds = (text: string): string[] => findSecrets(entry({ text }), []).map(({ kind }) => kind)

// Joined here, so that no scanner of this repository takes them for real.
const TOKENS: Readonly<Record<string, string>> = {
  'an OpenAI key': ['sk', 'proj', 'abc0123456789abcdefghi'].join('-'),
  'an Anthropic key': ['sk', 'ant', 'api03', 'abc0123456789abc'].join('-'),
  'an OpenRouter key': ['sk', 'or', 'v1', '0123456789abcdef0123'].join('-'),
  'a Google API key': `AI${'za'}${'Sy0123456789abcdefghijklmnopqrstuvw'}`,
  'a Google access token': `ya${29}.a0AfB_byC0123456789abcdef`,
  'an AWS access key id': `AK${'IA'}0123456789ABCDEF`,
  'a Groq key': `gsk${'_'}0123456789abcdefghij`,
  'a Hugging Face token': `hf${'_'}0123456789abcdefghijABCD`,
  'a GitHub token': `gh${'p_'}0123456789abcdefghijABCDEFGHIJ012345`,
  'a JSON web token': ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjM0In0', 'abcdefghijkl'].join('.'),
  'a bearer token': `Bearer ${'0123456789abcdef0123456789'}`,
  'a private key': `-----BEGIN ${'RSA '}PRIVATE KEY-----`,
}

describe('what looks like a token is found', () => {
  test.for(Object.entries(TOKENS))('%s', ([kind, token]) => {
    expect(kinds(`see ${token} there`)).toEqual([kind])
    expect(withoutSecrets(`see ${token} there`)).toMatch(/^see \[secret\]/)
  })
})

test.for([
  'sk-one, the dummy of a test',
  'the risk-assessment-of-2026-and-management-plan1',
  'sk-learn-pipeline-with-standard-scaler is a library',
  'task-0123456789-abcdefghijkl',
  'the bearer of good news is here already and waits',
  'AKIA is a prefix',
  Buffer.alloc(600, 'abc0XYZ').toString('base64'),
])('ordinary text is not taken for one: %s', (text) => {
  expect(kinds(text)).toEqual([])
})

test('a place is named by its path, without the secret where that is a name', () => {
  const token = TOKENS['a Groq key'] ?? ''
  const found = findSecrets(entry({ json: { messages: [{ content: token }], [token]: 1 } }), [])
  expect(found.map(({ path }) => path)).toEqual(['request.json.messages[0].content', 'request.json.[secret]'])
})

test('bytes are looked through as well', () => {
  const base64 = Buffer.from([0xff, 0xfe, ...Buffer.from(`key=${TOKENS['a Groq key']}`)]).toString('base64')
  expect(findSecrets(entry({ base64 }), [])).toHaveLength(1)
})
