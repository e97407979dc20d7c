import type { Format } from '../providers/provider.ts'
import type { Refusal } from '../reasons.ts'
import type { Usage } from './answer.ts'

/** Which whole answers are still refused; design.md section 5. */
export interface RefuseOptions {
  readonly refusal: boolean
  readonly contentFilter: boolean
  readonly pauseTurn: boolean
  readonly empty: boolean
  readonly brokenToolCall: boolean
  readonly length: boolean
}

/** Whether an answer may be stored. */
export type Verdict =
  | { readonly store: true; readonly usage: Usage | undefined; readonly model: string | undefined }
  | { readonly store: false; readonly reason: Refusal }

/** What a judge must know before the first byte. */
export interface JudgeInput {
  readonly format: Format
  /** Response headers by lower-case name. */
  readonly header: (name: string) => string | undefined
  readonly refuse: RefuseOptions
  /** Bytes, of the decoded answer. */
  readonly maxSize: number
  /**
   * Called when the verdict turns: to `store: true` when the end marker has come, to `store: false` when it is sure that
   * the answer is not to be stored (also after a `store: true`: what follows the marker is judged too). With a
   * content coding it comes later than the bytes: decoding is asynchronous.
   */
  readonly onTurn: (verdict: Verdict) => void
}

/** Reads an answer beside the caller and says whether it may be stored. Never throws, never changes a byte. */
export interface Judge {
  /** One chunk as it came on the wire. The judge neither keeps nor changes it after the call. */
  write(chunk: Uint8Array): void
  /**
   * No more bytes. `clean`: the transport ended the answer itself; else it was cut off (a reset, an abort), and only
   * an end marker already among the bytes makes it whole. Synchronous where there is no content coding.
   */
  finish(clean: boolean): Verdict | Promise<Verdict>
}

/** Makes the judge of one answer. */
export type CreateJudge = (input: JudgeInput) => Judge
