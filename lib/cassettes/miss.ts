import type { FieldPath } from '../key/field-paths.ts'
import { openaiError } from '../providers/formats/errors.ts'
import type { Format } from '../providers/provider.ts'
import type { Caller } from '../replay/caller.ts'
import { describeDifferences, type Difference, differencesOf, distanceOf } from './difference.ts'
import { type EntryName, nameOf } from './entry.ts'
import type { EntryLine } from './file-format.ts'
import type { MatchedCall } from './keys.ts'
import { withoutSecrets } from './secrets.ts'

/**
 * Answers a call that is not in the cassette: 400 in the provider's error shape, which no SDK retries. (A connection
 * error would be retried, and could not say why.)
 *
 * @param format `undefined` if the call is not an LLM call.
 */
export function answerMiss(caller: Caller, format: Format | undefined, message: string): void {
  const { body, headers = [] } = (format?.errorShape ?? openaiError)(withoutSecrets(message))
  const bytes = Buffer.from(JSON.stringify(body))
  const own = ['content-type', 'application/json', 'content-length', String(bytes.length), 'x-should-retry', 'false']
  caller.head({ status: 400, statusText: 'Bad Request', headers: [...own, ...headers] })
  caller.data(bytes)
  caller.end()
}

/** Most entries that are compared. No real cassette has as many; each takes 0.1 ms. */
const MAX_COMPARED = 2_000

/** The entry that differs least from a call, with the differences; `undefined` for an empty cassette. */
export function nearestTo(
  call: MatchedCall,
  lines: readonly EntryLine[],
  ignore: readonly FieldPath[],
): { readonly name: EntryName; readonly differences: readonly Difference[] } | undefined {
  let nearest: { name: EntryName; differences: readonly Difference[]; distance: number } | undefined
  const sameUrl = lines.filter(({ method, url }) => method === call.method && url === call.url)
  for (const line of (sameUrl.length > 0 ? sameUrl : lines).slice(0, MAX_COMPARED)) {
    const differences = differencesOf(line.read(), call, ignore)
    const distance = distanceOf(differences)
    if (nearest === undefined || distance < nearest.distance) nearest = { name: line, differences, distance }
  }
  return nearest
}

/** Describes the nearest entry in words. */
export function describeNearest(nearest: ReturnType<typeof nearestTo>): string {
  if (nearest === undefined) return 'It has no entries.'
  const { name, differences } = nearest
  const how = differences.length === 0 ? 'the order of properties, or spelling' : describeDifferences(differences)
  return `The nearest entry, ${nameOf(name)}, differs in ${how}.`
}
