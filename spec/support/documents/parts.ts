import fc, { type Arbitrary } from 'fast-check'
import { scanJson } from '../../../lib/key/json-loss.ts'

/** Words as models write them, and what breaks a careless cut: emoji of several code points, signs, line breaks. */
export const prose: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.lorem({ maxCount: 20 }) },
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
  fc.constantFrom('👩‍👩‍👧‍👦 e\u0301!', '\n\n- **a**\tb  ', '"quoted" \\ back', ' ', '{"a":[1,2]}'),
)

/** Arguments of a tool call, with what a parse of it keeps. They have been text once: JSON writes `-0` as `0`. */
export const callInput: Arbitrary<Record<string, unknown>> = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' }), { maxKeys: 3 })
  .map((input): Record<string, unknown> => JSON.parse(JSON.stringify(input)))
  .filter((input) => {
    const { exact, plainNames } = scanJson(JSON.stringify(input))
    return exact && plainNames
  })

/** {@link callInput} as text. */
export const callArguments: Arbitrary<string> = callInput.map((input) => JSON.stringify(input))

/** An id with its provider's prefix. */
export function idOf(prefix: string): Arbitrary<string> {
  return fc.stringMatching(/^[A-Za-z0-9]{12}$/).map((rest) => prefix + rest)
}

/** A count of tokens. */
export const tokens: Arbitrary<number> = fc.integer({ min: 1, max: 5000 })

/** An object of which some members may be absent, never `undefined`. */
export function record(members: Record<string, Arbitrary<unknown>>, optional: readonly string[]): Arbitrary<object> {
  const requiredKeys = Object.keys(members).filter((name) => !optional.includes(name))
  return fc.record(members, { requiredKeys })
}

/** Log probabilities of a text's tokens, cut somewhere. */
export function logprobsOf(text: string): object[] {
  return [...text].map((token, at) => ({
    token,
    logprob: -0.25 * (1 + (at % 7)),
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
  }))
}
