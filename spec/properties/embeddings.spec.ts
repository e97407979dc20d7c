import * as fc from 'fast-check'
import { Agent, request } from 'undici'
import { expect, test } from 'vitest'
import { openCache } from '../support/cache.ts'
import {
  type Ask,
  type Item,
  startVectorProvider,
  type Vectors,
  vectorsFor,
} from '../behaviour/embeddings/vector-provider.ts'

const text = fc.constantFrom('a', 'bb', 'ccc', 'dddd', 'A', 'é'.normalize('NFD'))
const tokens = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 2 })
const input: fc.Arbitrary<Ask['input']> = fc.oneof(
  { weight: 6, arbitrary: fc.array(text, { minLength: 1, maxLength: 7 }) },
  { weight: 3, arbitrary: fc.array(tokens, { minLength: 1, maxLength: 5 }) },
  { weight: 1, arbitrary: text },
  { weight: 1, arbitrary: tokens },
)
const ask: fc.Arbitrary<Ask> = fc.record(
  {
    model: fc.constantFrom('one', 'one', 'one', 'two'),
    input,
    encoding_format: fc.constantFrom('base64', 'float'),
    dimensions: fc.constantFrom(4, 8),
  },
  { requiredKeys: ['model', 'input'] },
)

/** What tells calls apart whose texts may share answers. */
function kindOf({ input: _input, ...rest }: Ask): string {
  return JSON.stringify(Object.entries(rest).toSorted())
}

function listOf(asked: Ask['input']): readonly Item[] {
  // The arbitraries above give a text, a token array, or a list of one of them.
  return (typeof asked === 'string' || typeof asked[0] === 'number' ? [asked] : asked) as readonly Item[]
}

test('any sequence of batches gets what the provider would answer, which is asked only for what is new, once', async () => {
  const provider = await startVectorProvider()
  await fc.assert(
    fc.asyncProperty(fc.array(ask, { minLength: 1, maxLength: 8 }), async (asks) => {
      const agent = new Agent().compose(openCache({ hosts: [provider.origin] }).interceptor)
      const known = new Map<string, Set<string>>()
      for (const one of asks) {
        const before = provider.asked.length
        const { body } = await request(`${provider.origin}/v1/embeddings`, {
          method: 'POST',
          body: JSON.stringify(one),
          headers: { 'content-type': 'application/json' },
          dispatcher: agent,
        })
        const answer = (await body.json()) as Vectors // a wrong shape fails the comparison
        const data = answer.data.toSorted((left, right) => left.index - right.index)
        expect({ ...answer, data }).toEqual(vectorsFor(one))

        const kind = known.get(kindOf(one)) ?? new Set()
        const items = listOf(one.input).map((item) => JSON.stringify(item))
        const missing = [...new Set(items)].filter((item) => !kind.has(item))
        const sent = provider.asked.slice(before).map((call) => call.map((item) => JSON.stringify(item)))
        const isNew = !items.some((item) => kind.has(item))
        if (missing.length === 0) expect(sent).toEqual([])
        else expect(sent).toEqual([isNew ? items : missing])
        known.set(kindOf(one), new Set([...kind, ...missing]))
      }
      await agent.close()
    }),
    { numRuns: 60 },
  )
})
