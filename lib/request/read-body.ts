import { bufferOf } from '../base/bytes.ts'
import type { BypassReason } from '../base/reasons.ts'

/** The result of reading a request's body. */
export type ReadBody =
  | WholeBody
  /** The body is too large, too slow, fails, or can't be keyed. `body` sends exactly what the caller passed. */
  | { readonly kind: 'passed'; readonly body: unknown; readonly reason: PassedBody }
  /** The caller left during reading. Its handler already knows. */
  | { readonly kind: 'aborted' }

/** A body that was read whole. */
export interface WholeBody {
  readonly kind: 'whole'
  /** A string stays a string, since most are never needed as bytes. */
  readonly body: string | Uint8Array
  /** What undici must send: what the caller passed, or the same bytes in the same pieces. */
  readonly sent: unknown
  /** The content type of a FormData or Blob, if the caller set none. */
  readonly type: string | undefined
}

/** Why a body is passed on unread. */
export type PassedBody = Extract<BypassReason, `body-${string}`>

/** The caller for whom a body is read, who may leave in the meantime. */
export interface BodyOwner {
  /** Whether it has left. */
  readonly done: boolean
  /** Its call fails. */
  breakOff(error: Error): void
  /** Called back by the owner while its body is read. */
  source: { onResume(): void; onPause(): void; onLeave(reason: Error): void } | undefined
}

/** The owner has left. */
export const ABORTED: ReadBody = Object.freeze({ kind: 'aborted' })

/** A body that was read whole. */
export function whole(body: string | Uint8Array, sent: unknown, type?: string): ReadBody {
  return { kind: 'whole', body, sent, type }
}

/** A body that is passed on unread. */
export function passed(body: unknown, reason: PassedBody): ReadBody {
  return { kind: 'passed', body, reason }
}

/**
 * The bytes of anything that undici accepts as a part of a body.
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
