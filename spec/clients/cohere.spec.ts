import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { describeClient } from '../support/describe-client.ts'
import { startNetwork } from '../support/start-network.ts'
import { cohere } from './cohere.ts'

describeClient(cohere)

test('the no-cache that the SDK puts on every stream reaches Cohere and is no refresh', async () => {
  const network = startNetwork()
  const cache = installCache()
  for (const _ of [1, 2]) await cohere.calls['chatStream']?.({ apiKey: 'sk-one' })
  expect(network.calls.map(({ headers }) => headers.get('cache-control'))).toEqual(['no-cache'])
  expect(cache.stats()).toMatchObject({ hits: 1, refreshes: 0 })
})
