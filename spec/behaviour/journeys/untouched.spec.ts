import { expect, test } from 'vitest'
import { installCache } from '../../support/cache.ts'
import { post } from '../../support/calls.ts'
import { startNetwork } from '../../support/start-network.ts'

const UNTOUCHED = [
  ['GET', 'https://api.openai.com/v1/models'],
  ['GET', 'https://api.openai.com/v1/chat/completions'],
  ['POST', 'https://api.openai.com/v1/files'],
  ['POST', 'https://api.openai.com/v1/batches'],
  ['POST', 'https://api.openai.com/v1/threads/thread_1/runs'],
  ['POST', 'https://api.openai.com/v1/responses/resp_1/cancel'],
  ['POST', 'https://api.anthropic.com/v1/messages/batches'],
  ['POST', 'https://api.anthropic.com/v1/messages/count_tokens'],
  ['POST', 'https://generativelanguage.googleapis.com/v1beta/cachedContents'],
  ['POST', 'https://example.com/v1/chat/completions'],
  ['POST', 'http://api.openai.com/v1/chat/completions'],
] as const

test.for(UNTOUCHED)(
  '%s %s goes to its server every time, and the answer carries nothing of ours',
  async ([method, url]) => {
    const network = startNetwork()
    const cache = installCache()
    for (let i = 0; i < 2; i++) {
      const response = await post(url, method === 'GET' ? null : '{"messages":[]}', { method })
      await response.arrayBuffer()
      expect([...response.headers.keys()].filter((name) => /^(x-llm-cache|cache-status|age)/.test(name))).toEqual([])
    }
    expect(network.calls).toHaveLength(2)
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 0, bypasses: {} })
  },
)
