import type { KeyObject } from 'node:crypto'
import { crypto } from '../base/crypto.ts'
import type { Identified } from '../key/identified-call.ts'
import type { KeyPart } from '../key/key.ts'
import type { AskedParts } from '../stores/entry.ts'

/** The parts of one call as keyed digests: calls can be compared, but no prompt or credential can be read. */
export interface Asked {
  /** Names of the parts, one on each line: `credential`, `header openai-beta`, `body messages[3].content`. */
  readonly names: string
  /** Eight bytes for each part. */
  readonly digests: Buffer
}

/** {@link Asked} of the current call, with weights for comparisons. */
export interface Asking extends Asked {
  /** The weight of a difference in each part. Long texts weigh more than ids. */
  readonly weights: readonly number[]
}

/** Name of the part that differs between callers. */
export const CREDENTIAL = 'credential'

const SIZE = 8

/** Names that may be shown. Any other name could be text of the app's users. */
const PLAIN = /^[\w$-]{1,64}$/

/** Makes the digests of a call. Without the `key` nothing can be learned from them. */
export function readAsked(identity: Identified, parts: readonly KeyPart[], key: KeyObject): Asking {
  const digestOf = (text: string): Buffer => crypto().createHmac('sha256', key).update(text).digest().subarray(0, SIZE)
  const spell = (name: string): string => (PLAIN.test(name) ? name : `#${digestOf(name).toString('hex', 0, 4)}`)
  const values = [...partValues(parts, spell), ...bodyValues(identity, parts, spell)]
  return {
    names: values.map(([name]) => name).join('\n'),
    digests: Buffer.concat(values.map(([, value]) => digestOf(value))),
    weights: values.map(([, value]) => 1 + Math.log2(1 + value.length)),
  }
}

/** Characters of names and digests kept beside an entry: about 150 parts. */
const MAX_KEPT = 8 * 1024

/** The digests as text to store beside the entry; `undefined` if that is more than 8 KiB. */
export function writeAsked({ names, digests }: Asked): AskedParts | undefined {
  const text = digests.toString('base64')
  return names.length + text.length > MAX_KEPT ? undefined : { names, digests: text }
}

/**
 * Reads the text of {@link writeAsked}; `undefined` for anything else. All parts weigh the same, since weights are not
 * stored.
 */
export function openAsked({ names, digests: text }: AskedParts): Asking | undefined {
  const digests = Buffer.from(text, 'base64')
  const count = names.split('\n').length
  return digests.length === count * SIZE ? { names, digests, weights: Array<number>(count).fill(1) } : undefined
}

/** The digests of a call, by name of the part. */
export function digestsOf({ names, digests }: Asked): Map<string, string> {
  return new Map(names.split('\n').map((name, at) => [name, digests.toString('latin1', at * SIZE, (at + 1) * SIZE)]))
}

/** Displayed names for key parts with a single value. Other parts are lists (`LISTS`), or are not shown. */
const NAMES: Partial<Record<KeyPart['name'], string>> = {
  method: 'method',
  origin: 'host',
  path: 'path',
  'endpoint path': 'path',
  format: 'format',
  action: 'path',
  model: 'model',
  caller: CREDENTIAL,
  cache_key: 'cache_key',
  namespace: 'namespace',
  variant: 'variant',
}

const LISTS: Partial<Record<KeyPart['name'], string>> = { query: 'query ', headers: 'header ', params: 'path ' }

function* partValues(
  parts: readonly KeyPart[],
  spell: (name: string) => string,
): Generator<readonly [name: string, value: string]> {
  for (const { name, value, pairs = [] } of parts) {
    const own = NAMES[name]
    const list = LISTS[name]
    if (own !== undefined) yield [own, value]
    if (list === undefined) continue
    for (const [field, values] of Map.groupBy(pairs, ([field]) => field)) {
      yield [list + spell(field), JSON.stringify(values.map(([, text]) => text))]
    }
  }
}

function* bodyValues(
  identity: Identified,
  parts: readonly KeyPart[],
  spell: (name: string) => string,
): Generator<readonly [name: string, value: string]> {
  const fields = identity.fields(spell)
  const isAnyModel = parts.some(({ value }) => value === 'any-model')
  if (fields === undefined) return yield ['body', parts.find(({ name }) => name === 'body')?.value ?? '']
  for (const { path, value } of fields) {
    if (!(isAnyModel && path === 'model')) yield [path === '' ? 'body' : `body ${path}`, value]
  }
}
