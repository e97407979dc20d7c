import { isFailure } from '../providers/formats/failure.ts'
import type { Format } from '../providers/provider.ts'
import type { Refusal } from '../base/reasons.ts'
import { Answer } from '../providers/answer.ts'
import { createDecoder, isEncoded } from '../wire/streamed-decoding.ts'
import type { Decoder } from '../wire/streamed-decoding.ts'
import type { Framing } from '../wire/framing.ts'
import { createFraming } from '../wire/framings.ts'
import { parseJson, type Json } from '../base/json.ts'
import { hardRefusal, refusalOf, type RefuseOptions, type Verdict } from './verdict.ts'

/** What a judge needs before the first byte. */
export interface JudgeInput {
  readonly format: Format
  /** Response headers by lower-case name. */
  readonly header: (name: string) => string | undefined
  readonly refuse: RefuseOptions
  /** Number of choices, candidates or vectors asked for. Default 1. */
  readonly choices?: number | undefined
  /** Whether the provider is known to send no `[DONE]`; see `ProviderRow.sendsNoDone`. Default `false`. */
  readonly doneIsOptional?: boolean | undefined
  /** Limit for the decoded answer, in bytes. */
  readonly maxSize: number
  /**
   * Called when the verdict changes: to `store: true` when the end marker has arrived, to `store: false` when it is
   * certain that the answer must not be stored. The latter may follow the former, since what comes after the marker is
   * judged too. With a content coding it is called later than the bytes arrive, since decoding is asynchronous.
   */
  readonly onTurn: (verdict: Verdict) => void
}

/**
 * Reads an answer independently of its callers, and decides whether it may be stored. Never throws, and changes no
 * byte.
 */
export interface Judge {
  /** One chunk as received. The judge neither keeps nor changes it after the call. */
  write(chunk: Uint8Array): void
  /**
   * No more bytes will arrive. Synchronous if there is no content coding.
   *
   * @param clean whether the transport has ended the answer. If it was cut off instead (a reset, an abort), the answer
   * is whole only if the end marker has arrived.
   */
  finish(clean: boolean): Verdict | Promise<Verdict>
}

/** Creates the judge of one answer, which reads it according to its `content-type` and `content-encoding`. */
export function createJudge(input: JudgeInput): Judge {
  return new ResponseJudge(input)
}

class ResponseJudge implements Judge {
  readonly #input: JudgeInput
  readonly #answer: Answer
  /** Bytes on the wire, as `content-length` says. */
  readonly #expected: number | undefined
  #framing: Framing | undefined
  #decoder: Decoder | undefined
  #failure: Refusal | undefined
  #verdict: Verdict | undefined
  #wireBytes = 0
  #decodedBytes = 0
  #document = false
  /** Whether `finish` was called: nothing more is read, and only its verdict is returned. */
  #finishing = false
  /** Whether all bytes that arrived have been read. */
  #closing = false

  constructor(input: JudgeInput) {
    this.#input = input
    const { header, maxSize, doneIsOptional = false } = input
    this.#answer = new Answer({ doneIsOptional })
    const length = header('content-length')
    this.#expected = length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined
    this.#framing = createFraming(
      header('content-type'),
      {
        event: (name, data) => this.#event(name, data),
        document: (body, plain) => this.#readDocument(body, plain),
        fail: (reason) => this.#fail(reason),
      },
      maxSize,
    )
    const coding = header('content-encoding')
    const encoded = isEncoded(coding)
    if (encoded) {
      this.#decoder = createDecoder(coding, {
        data: (bytes) => this.#read(bytes),
        error: () => this.#fail('malformed'),
      })
    }
    if (this.#framing === undefined || (encoded && this.#decoder === undefined)) this.#failure = 'unreadable'
  }

  write(chunk: Uint8Array): void {
    if (this.#finishing) return
    if (this.#failure !== undefined) return this.#turn()
    this.#wireBytes += chunk.length
    if (this.#wireBytes > this.#input.maxSize) this.#fail('too-large')
    else if (this.#expected !== undefined && this.#wireBytes > this.#expected) this.#fail('malformed')
    else if (this.#decoder !== undefined) this.#decoder.write(chunk)
    else this.#read(chunk)
  }

  finish(clean: boolean): Verdict | Promise<Verdict> {
    if (!this.#finishing && clean && this.#expected !== undefined && this.#wireBytes < this.#expected) {
      this.#fail('malformed')
    }
    this.#finishing = true
    if (this.#decoder === undefined || this.#failure !== undefined) return this.#conclude(clean)
    return this.#decoder.finish(clean).then(() => this.#conclude(clean))
  }

  /** Decoded bytes. */
  #read(bytes: Uint8Array): void {
    this.#decodedBytes += bytes.length
    if (this.#decodedBytes > this.#input.maxSize) return this.#fail('too-large')
    this.#guard(() => this.#framing?.write(bytes))
  }

  #event(name: string | undefined, text: string): void {
    if (this.#failure !== undefined) return
    if (text === '' && name !== 'error') return
    const data = isMarker(text) ? text.trim() : parseEvent(text)
    // At the end of the transport, an event that does not parse was cut off.
    if (data === undefined && name !== 'error') return this.#fail(this.#closing ? 'incomplete' : 'malformed')
    this.#observe(name, data ?? null, true)
  }

  #readDocument(body: string, plain: boolean): void {
    const parsed = parseJson(body)
    this.#document = true
    if (!plain) return parsed === undefined ? this.#fail('malformed') : this.#observe(undefined, parsed, false)
    this.#observe(undefined, typeof parsed === 'object' && parsed !== null ? parsed : body, false)
    if (this.#answer.choices.size === 0) this.#fail('unreadable')
  }

  #observe(name: string | undefined, data: Json, stream: boolean): void {
    if (name === 'error' || isFailure(data)) this.#answer.flags.add('error')
    else this.#input.format.observe({ name, data, stream }, this.#answer)
    const reason = hardRefusal(this.#answer)
    if (reason !== undefined) this.#fail(reason)
    else if (this.#answer.ended) this.#turn()
  }

  #fail(reason: Refusal): void {
    if (this.#failure !== undefined) return
    this.#failure = reason
    this.#framing = undefined
    this.#decoder?.destroy()
    this.#turn()
  }

  /** Reports a change of the verdict, which never changes back to `store: true`. */
  #turn(): void {
    if (this.#finishing || this.#verdict?.store === false) return
    const verdict = this.#evaluate(this.#answer.ended)
    if (verdict.store === this.#verdict?.store) return
    this.#verdict = verdict
    this.#input.onTurn(verdict)
  }

  #conclude(clean: boolean): Verdict {
    this.#closing = true
    if (clean && this.#failure === undefined) this.#guard(() => this.#framing?.end())
    this.#framing = undefined
    const verdict = this.#evaluate(this.#answer.ended || (clean && !this.#answer.needsMarker))
    return verdict.store && this.#verdict?.store === false ? this.#verdict : verdict
  }

  #evaluate(whole: boolean): Verdict {
    const { refuse, choices = 1 } = this.#input
    const reason = this.#failure ?? refusalOf(this.#answer, { whole, document: this.#document, choices }, refuse)
    if (reason !== undefined) return { store: false, reason }
    const { usage, cacheMiss } = this.#answer
    return { store: true, usage, ...(cacheMiss !== undefined && { cacheMiss }) }
  }

  #guard(step: () => void): void {
    try {
      step()
    } catch {
      this.#fail('internal')
    }
  }
}

/** OpenAI's `[DONE]`, the one event that is not JSON. */
function isMarker(text: string): boolean {
  return text.length < 16 && text.trim() === '[DONE]'
}

/** Every other event is an object or an array: no SDK can read a bare string or number. */
function parseEvent(text: string): Json | undefined {
  const data = parseJson(text)
  return typeof data === 'object' && data !== null ? data : undefined
}
