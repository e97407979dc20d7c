import { isUtf8 } from 'node:buffer'
import type { Format, RequestFacts, RequestView } from '../providers/provider.ts'
import { type BodyControl, cutCacheMember, readBodyControl } from '../controls/body-controls.ts'
import type { Dialect } from '../controls/dialects/dialect.ts'
import { type BodyField, bodyFields, type Spell } from './body-fields.ts'
import { type CanonicalRules, canonicalize, falseIsAbsent, parseObject, reduce } from './canonical-json.ts'
import { type FieldPath, parseFieldPath } from './field-paths.ts'
import { type OrderedPlaces, parseOrdered } from './ordered-places.ts'
import type { MutableObject } from '../base/json.ts'
import { BoundedMap } from '../base/bounded-map.ts'
import { decodeUtf8 } from '../base/bytes.ts'
import { crypto } from '../base/crypto.ts'
import { digest } from '../base/digest.ts'
import type { IdentifiableCall } from './keyed-call.ts'
import { readMultipart } from './multipart.ts'
import { cutMembers, type LargeJson, readLargeJson } from './large-json.ts'
import { queryValue } from '../request/query.ts'
import { digestSliced } from './sliced-hash.ts'

/** The result of reading a body. Small, since many are remembered. */
export interface BodyDigest {
  readonly facts: RequestFacts
  readonly control: BodyControl | undefined
  /** What was hashed: canonical JSON, the parts of a multipart body, or the raw bytes. */
  readonly form: 'json' | 'parts' | 'raw'
  /** 64 hex digits; a control is not part of it. */
  readonly digest: string
  /** Positions of a large body's control. */
  readonly cuts?: LargeJson['cacheMembers']
}

/** Reads bodies. */
export interface BodyReader {
  /** Reads a JSON body at once. */
  read(call: IdentifiableCall, body: Uint8Array): BodyDigest
  /** Reads a JSON body of any size without blocking the event loop for long. */
  readLarge(call: IdentifiableCall, body: Uint8Array): Promise<BodyDigest>
  /** Reads a `multipart/form-data` body. */
  readMultipart(call: IdentifiableCall, body: Uint8Array): Promise<BodyDigest>
  /** The body without its control. */
  cut(body: Uint8Array, read: BodyDigest): Uint8Array
  /** The digest of the body without its top-level `model`; with it, if the body's form is not `json`. */
  digestWithoutModel(call: IdentifiableCall, body: Uint8Array, read: BodyDigest): string
  /** The values in the digest; `undefined` if the body's form is not `json`. */
  fields(call: IdentifiableCall, body: Uint8Array, read: BodyDigest, spell: Spell): readonly BodyField[] | undefined
}

/** Options of {@link createBodyReader}; see `IdentifierOptions`. */
export interface BodyReaderOptions {
  readonly canonicalLimit: number
  readonly ignoreFields: readonly string[]
  readonly dialects: readonly Dialect[]
}

/** Far above the length of any model name, and above the number of `cache` members in one body. */
const MAX_MODEL = 512
const MAX_CUTS = 16

/** Whether a result is small enough to be remembered: a body may have a model name of a megabyte. */
export function isSmall({ facts, cuts = [] }: BodyDigest): boolean {
  return hasShortModel(facts) && cuts.length <= MAX_CUTS
}

function hasShortModel({ model = '' }: RequestFacts): boolean {
  return model.length <= MAX_MODEL
}

/** An app's calls have few different facts. Sharing them saves 100 bytes for each remembered request. */
const MAX_FACTS = 1000

const CONTROL: FieldPath = ['cache']
const MODEL: FieldPath = ['model']

/**
 * Creates a reader.
 *
 * @throws TypeError for a wrong path in `ignoreFields`.
 */
export function createBodyReader(options: BodyReaderOptions): BodyReader {
  return new FormReader(options)
}

class FormReader implements BodyReader {
  readonly #canonicalLimit: number
  readonly #dialects: readonly Dialect[]
  readonly #ignore: readonly FieldPath[]
  readonly #places = new Map<Format, FormatPlaces>()
  readonly #facts = new BoundedMap<string, RequestFacts>(MAX_FACTS)

  constructor({ canonicalLimit, ignoreFields, dialects }: BodyReaderOptions) {
    this.#canonicalLimit = canonicalLimit
    this.#dialects = dialects
    this.#ignore = ignoreFields.map(parseFieldPath)
  }

  read(call: IdentifiableCall, body: Uint8Array): BodyDigest {
    const text = decodeUtf8(body)
    const parsed = isEncoded(call) ? undefined : parseObject(text)
    if (parsed === undefined) return this.#unreadable(call, crypto().hash('sha256', body))
    const facts = this.#inspect(call, parsed)
    const isText = isUtf8(body)
    const control = isText ? this.#control(parsed) : undefined
    if (isText && body.length <= this.#canonicalLimit) {
      const rules = this.#rules(call, this.#ignored(control))
      const canonical = canonicalize(text, parsed, rules)
      if (canonical !== undefined) return { facts, control, form: 'json', digest: crypto().hash('sha256', canonical) }
    }
    const raw = control === undefined ? body : cutCacheMember(text)
    return { facts, control, form: 'raw', digest: crypto().hash('sha256', raw) }
  }

  async readLarge(call: IdentifiableCall, body: Uint8Array): Promise<BodyDigest> {
    if (body.length <= this.#canonicalLimit) return this.read(call, body)
    const large = isEncoded(call) ? undefined : await readLargeJson(body)
    if (large === undefined) return this.#unreadable(call, await digestSliced(body))
    const facts = this.#inspect(call, large.body)
    const control = this.#control(large.body)
    if (control === undefined) return { facts, control, form: 'raw', digest: await digestSliced(body) }
    const cuts = large.cacheMembers
    return { facts, control, form: 'raw', digest: await digestSliced(cutMembers(body, cuts)), cuts }
  }

  async readMultipart(call: IdentifiableCall, body: Uint8Array): Promise<BodyDigest> {
    const contentType = call.headers.get('content-type') ?? ''
    const form = isEncoded(call) ? undefined : await readMultipart(body, contentType)
    if (form === undefined) return this.#unreadable(call, await digestSliced(body))
    const facts = this.#inspect(call, form.fields)
    return { facts, control: undefined, form: 'parts', digest: digest(form.canonical) }
  }

  cut(body: Uint8Array, { control, cuts }: BodyDigest): Uint8Array {
    if (control === undefined) return body
    return cuts === undefined ? Buffer.from(cutCacheMember(decodeUtf8(body))) : cutMembers(body, cuts)
  }

  digestWithoutModel(call: IdentifiableCall, body: Uint8Array, read: BodyDigest): string {
    if (read.form !== 'json') return read.digest
    const text = decodeUtf8(body)
    const parsed = parseObject(text)
    const rules = this.#rules(call, [...this.#ignored(read.control), MODEL])
    const canonical = parsed === undefined ? undefined : canonicalize(text, parsed, rules)
    return canonical === undefined ? read.digest : crypto().hash('sha256', canonical)
  }

  fields(call: IdentifiableCall, body: Uint8Array, read: BodyDigest, spell: Spell): readonly BodyField[] | undefined {
    const parsed = read.form === 'json' ? parseObject(decodeUtf8(body)) : undefined
    if (parsed === undefined || !reduce(parsed, this.#rules(call, this.#ignored(read.control)))) return undefined
    return bodyFields(parsed, spell)
  }

  /** A body that can't be read may be unsafe to cache, so the call goes live and nothing is stored. */
  #unreadable(call: IdentifiableCall, digest: string): BodyDigest {
    const facts = this.#share({ ...call.match.endpoint.format.inspect(viewOf(call, {})), veto: 'body-encoding' })
    return { facts, control: undefined, form: 'raw', digest }
  }

  #inspect(call: IdentifiableCall, body: RequestView['body']): RequestFacts {
    return this.#share(call.match.endpoint.format.inspect(viewOf(call, body)))
  }

  #share(facts: RequestFacts): RequestFacts {
    if (!hasShortModel(facts)) return facts
    const { model, stream, deterministic, choices, veto } = facts
    const id = `${stream}${deterministic}${choices}${veto}:${model}`
    const known = this.#facts.get(id)
    if (known !== undefined && known.model === model) return known
    this.#facts.set(id, facts)
    return facts
  }

  #control(body: MutableObject): BodyControl | undefined {
    return body.cache === undefined ? undefined : readBodyControl(body.cache, this.#dialects)
  }

  #ignored(control: BodyControl | undefined): readonly FieldPath[] {
    return control === undefined ? this.#ignore : [...this.#ignore, CONTROL]
  }

  #rules({ match }: IdentifiableCall, ignore: readonly FieldPath[]): CanonicalRules {
    const { format } = match.endpoint
    let places = this.#places.get(format)
    if (places === undefined) this.#places.set(format, (places = placesOf(format)))
    const { ordered, volatile } = places
    return { ordered, ignore: [...volatile, ...ignore], falseIsAbsent: falseIsAbsent(format) }
  }
}

/** A format's places in a body, parsed once. */
interface FormatPlaces {
  readonly ordered: OrderedPlaces
  readonly volatile: readonly FieldPath[]
}

function placesOf({ ordered, volatile = [] }: Format): FormatPlaces {
  return { ordered: parseOrdered(ordered), volatile: volatile.map(parseFieldPath) }
}

/** Formats see only headers that are in the key, so that the facts are right for each repeat of the request. */
function viewOf({ match, headers }: IdentifiableCall, body: RequestView['body']): RequestView {
  return {
    body,
    params: match.params,
    query: (name) => queryValue(match.search, name),
    header: (name) => headers.semantic.find((pair) => pair[0] === name)?.[1],
    hostedFunctions: match.provider.hostedFunctions,
  }
}

function isEncoded({ headers }: IdentifiableCall): boolean {
  return headers.semantic.some(([name]) => name === 'content-encoding')
}
