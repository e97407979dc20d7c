import { relative } from 'node:path'
import { parseFieldPath } from '../key/field-paths.ts'
import type { IdentifiableCall } from '../key/keyed-call.ts'
import { queryCredentials } from '../request/query.ts'
import type { CassetteEntry } from './entry.ts'
import type { CassetteText } from './file-format.ts'
import { createKeys, keyOf, type Keys } from './keys.ts'
import { RecordingLog } from './log.ts'
import { describeNearest, nearestTo } from './miss.ts'
import type { CassetteOptions } from './options.ts'
import { recordRequest } from './request.ts'
import { createRedaction, type RedactedCall, type Redaction } from './redaction.ts'
import { type CassetteScope, createCassetteScope } from './scope.ts'
import { Sequences, type Taken } from './sequences.ts'

/** What to do with a call. */
export type Decision =
  | { readonly kind: 'replay'; readonly entry: CassetteEntry }
  | { readonly kind: 'record' }
  | { readonly kind: 'miss'; readonly message: string }

/** A call as matched and, if it is recorded, as written. */
export interface PreparedCall {
  readonly call: RedactedCall
  /** 64 hex digits. */
  readonly key: string
  /** Whether it asks for a stream. */
  readonly isStream: boolean
}

/** One use of a cassette, from opening to closing. */
export class Session {
  readonly path: string
  readonly options: CassetteOptions
  readonly scope: CassetteScope
  readonly log: RecordingLog
  readonly sequences: Sequences
  /** The credentials of all calls. Nothing that is saved may contain one. */
  readonly credentials: Set<string> = new Set()
  readonly text: CassetteText
  readonly keys: Keys
  closed = false
  /** Whether there was any call. */
  hasCalls = false
  /** Why every call fails without being read; `undefined` if calls do not fail. */
  refusal: string | undefined
  /** The advice in the message of a miss. */
  remedy = "Record what is new with the mode 'new', or everything again with 'all'."
  readonly #redaction: Redaction

  /** @param text the content of the file; without lines if there is no file. */
  constructor(path: string, text: CassetteText, options: CassetteOptions) {
    this.path = path
    this.text = text
    this.options = options
    this.scope = createCassetteScope(options)
    this.#redaction = createRedaction(options)
    this.keys = createKeys(this.scope, options)
    this.log = new RecordingLog(this.#redaction)
    this.sequences = new Sequences(text.lines, { keyOf: this.keys.of, maxAge: options.maxAge, now: Date.now })
  }

  /** How messages name the file. */
  get name(): string {
    const near = relative('', this.path)
    return near.startsWith('..') ? this.path : near
  }

  /** Redacts a call and computes its key. */
  async prepare(call: IdentifiableCall, body: string | Uint8Array): Promise<PreparedCall> {
    const { match, headers } = call
    this.hasCalls = true
    // Without the scheme: `Bearer `.
    for (const [, value] of headers.credentials) this.credentials.add(value.replace(/^\w+ +/, ''))
    for (const [, value] of queryCredentials(match.search)) this.credentials.add(value)
    const redacted = this.#redaction.call(recordRequest(call, body))
    const identified = await this.keys.identify(redacted)
    return { call: redacted, key: keyOf(identified), isStream: identified.facts.stream }
  }

  /** Whether every call goes to its provider. */
  get isRecordingAll(): boolean {
    const { mode } = this.options
    return mode === 'all' || (mode === 'once' && this.text.lines.length === 0)
  }

  /** Whether no call goes to its provider. */
  get isReplayOnly(): boolean {
    return this.options.mode !== 'new' && !this.isRecordingAll
  }

  /** What the mode says about a call. */
  async decide({ call, key }: PreparedCall): Promise<Decision> {
    if (this.isRecordingAll) {
      await this.sequences.replace(key)
      return { kind: 'record' }
    }
    const taken = await this.sequences.take(key)
    if (taken.kind === 'entry') return { kind: 'replay', entry: taken.entry }
    return this.isReplayOnly ? { kind: 'miss', message: this.#missOf(call, taken) } : { kind: 'record' }
  }

  #missOf(call: RedactedCall, taken: Exclude<Taken, { kind: 'entry' }>): string {
    const start = `The cassette ${this.name} has no answer to ${call.method} ${call.url} (mode ${this.options.mode}).`
    return `${start} ${this.#why(call, taken)} ${this.remedy}`
  }

  #why(call: RedactedCall, taken: Exclude<Taken, { kind: 'entry' }>): string {
    switch (taken.kind) {
      case 'unknown': {
        if (this.text.header === undefined) return 'The file does not exist, or is empty.'
        const ignored = this.options.ignoreFields.map(parseFieldPath)
        return describeNearest(nearestTo(call, this.text.lines, ignored))
      }
      case 'exhausted':
        return `It has ${taken.count} for this very call, and the call was made more often.`
      case 'expired':
        return `The recorded one is ${taken.age} s old, and maxAge is ${this.options.maxAge} s.`
      default:
        return taken satisfies never
    }
  }
}
