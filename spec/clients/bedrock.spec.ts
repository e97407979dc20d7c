import { expect, test } from 'vitest'
import { installCache } from '../support/cache.ts'
import { describeClient } from '../support/describe-client.ts'
import { startNetwork } from '../support/start-network.ts'
import { bedrock } from './bedrock.ts'

// Each call is signed anew; a credential counts by its access key id.
describeClient(bedrock)

test('two calls are signed differently', async () => {
  const network = startNetwork()
  installCache({ rules: [{ match: { provider: 'bedrock' }, enabled: false }] })
  for (const _ of [1, 2]) await bedrock.calls['Converse']?.({ apiKey: 'AKIDONE' })
  const [first, second] = network.calls.map(({ headers }) => headers.get('authorization'))
  expect(first).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDONE/)
  expect(second).not.toBe(first)
})
