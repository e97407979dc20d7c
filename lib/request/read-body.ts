import { bufferOf } from '../base/bytes.ts'
import type { BypassReason } from '../base/reasons.ts'

/** What became of reading a request's body. */
export type ReadBody =
  | WholeBody
  /** It is too large, too slow, fails, or is nothing that can be keyed. `body` sends exactly what the caller passed. */
  | { readonly kind: 'passed'; readonly body: unknown; readonly reason: PassedBody }
  /** The caller left while it was read. Its handler knows already. */
  | { readonly kind: 'aborted' }

/** A body that was read whole. */
export interface WholeBody {
  readonly kind: 'whole'
  /** A string stays one, since most of them are never needed as bytes. */
  readonly body: string | Uint8Array
  /** What undici is to send: what the caller passed, or the same bytes in the same pieces. */
  readonly sent: unknown
  /** The content-type that a FormData or Blob brings along, where the caller gave none. */
  readonly type: string | undefined
}

/** Why a body is sent on as it comes. */
export type PassedBody = Extract<BypassReason, `body-${string}`>

/** The caller that a body is read for. It may leave meanwhile. */
export interface BodyOwner {
  /** Whether it has left. */
  readonly done: boolean
  /** Its call fails. */
  breakOff(error: Error): void
  /** Hears what the owner does while its body is read. */
  source: { onResume(): void; onPause(): void; onLeave(reason: Error): void } | undefined
}

/** The owner has left. */
export const ABORTED: ReadBody = Object.freeze({ kind: 'aborted' })

/** A body that was read whole. */
export function whole(body: string | Uint8Array, sent: unknown, type?: string): ReadBody {
  return { kind: 'whole', body, sent, type }
}

/** A body that is sent on as it comes. */
export function passed(body: unknown, reason: PassedBody): ReadBody {
  return { kind: 'passed', body, reason }
}

/**
 * The bytes of what undici takes as a part of a body.
 *
 * @see https://github.com/nodejs/undici/blob/main/docs/docs/api/Dispatcher.md#parameter-dispatchoptions
 * @throws TypeError for anything else.
 */
export function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') return Buffer.from(chunk)
  if (ArrayBuffer.isView(chunk)) return bufferOf(chunk)
  if (chunk instanceof ArrayBuffer) return Buffer.from(chunk)
  throw new TypeError('chunk must be a string, an ArrayBuffer or a view of one')
}
