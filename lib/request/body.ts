import { bufferOf, decodeUtf8 } from '../base/bytes.ts'

/** What became of reading a request's body. */
export type ReadBody =
  /**
   * The whole body. A string stays one, since most of them are never needed as bytes. `type` is the content-type that a
   * FormData or Blob brings along, where the caller gave none.
   */
  | { readonly kind: 'whole'; readonly body: string | Uint8Array; readonly type: string | undefined }
  /** It is too large, or nothing that can be keyed. `body` sends exactly what the caller passed. */
  | { readonly kind: 'passed'; readonly body: unknown; readonly reason: 'body-too-large' | 'body-encoding' }
  /** Reading it failed, as it would have failed in undici. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The caller left while it was read; it has been told. */
  | { readonly kind: 'aborted' }

/** Who wants a body read, and may leave meanwhile. */
export interface BodyOwner {
  /** Whether it has left. */
  readonly done: boolean
  /** Hears what the owner does while its body is read. */
  source: { onResume(): void; onPause(): void; onLeave(reason: Error): void } | undefined
}

/**
 * Reads a request's body whole, in every shape that undici takes. Synchronous where the body is at hand (a string,
 * bytes, none).
 *
 * The owner must have been told before that its request begins. fetch's body generator swallows an abort and then ends
 * as if it were whole: only the owner knows then that it was cut.
 */
export function readBody(
  body: unknown,
  maxSize: number,
  owner: BodyOwner,
  hasType: boolean,
): ReadBody | Promise<ReadBody> {
  if (body === null || body === undefined) return { kind: 'whole', body: '', type: undefined }
  if (typeof body === 'string') return isWithin(body, maxSize) ? whole(body) : passed(body, 'body-too-large')
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) {
    return body.byteLength > maxSize ? passed(body, 'body-too-large') : whole(toBytes(body))
  }
  // First, since it is quickly told and all that fetch sends; neither a form nor a Blob is async iterable.
  if (isAsyncIterable(body)) return drain(body, maxSize, owner)
  if (isFormData(body)) return hasType ? passed(body, 'body-encoding') : readForm(body, maxSize)
  if (isBlob(body)) return body.size > maxSize ? passed(body, 'body-too-large') : readBlob(body)
  if (isIterable(body)) return drain(body, maxSize, owner)
  return passed(body, 'body-encoding')
}

function whole(body: string | Uint8Array): ReadBody {
  return { kind: 'whole', body, type: undefined }
}

/** Bytes are only counted where they can be too many: UTF-8 takes up to three for one UTF-16 unit. */
function isWithin(text: string, maxSize: number): boolean {
  return text.length * 3 <= maxSize || Buffer.byteLength(text) <= maxSize
}

function passed(body: unknown, reason: 'body-too-large' | 'body-encoding'): ReadBody {
  return { kind: 'passed', body, reason }
}

/** The bytes of a body; a string becomes UTF-8, as undici sends it. */
export function bytesOf(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body) : body
}

/** The text of a body; bytes are read as UTF-8. */
export function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : decodeUtf8(body)
}

/** Whether an ASCII text is anywhere in a body. */
export function mentions(body: string | Uint8Array, text: string): boolean {
  if (typeof body === 'string') return body.includes(text)
  return bufferOf(body).includes(text)
}

type AnyIterable = AsyncIterable<unknown> | Iterable<unknown>

function isAsyncIterable(body: unknown): body is AsyncIterable<unknown> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body
}

function isIterable(body: unknown): body is Iterable<unknown> {
  return typeof body === 'object' && body !== null && Symbol.iterator in body
}

// Not by instanceof: another copy of undici has other classes of that name.
function isFormData(body: unknown): body is FormData {
  return Object.prototype.toString.call(body) === '[object FormData]'
}

function isBlob(body: unknown): body is Blob {
  return body instanceof Blob || /^\[object (Blob|File)\]$/.test(Object.prototype.toString.call(body))
}

async function readBlob(blob: Blob): Promise<ReadBody> {
  return { kind: 'whole', body: Buffer.from(await blob.arrayBuffer()), type: blob.type || undefined }
}

async function readForm(form: FormData, maxSize: number): Promise<ReadBody> {
  const own = new FormData()
  let size = 0
  for (const [name, value] of form) {
    size += typeof value === 'string' ? Buffer.byteLength(value) : value.size
    if (typeof value === 'string') own.append(name, value)
    else own.append(name, value, value.name)
  }
  if (size > maxSize) return passed(form, 'body-too-large')
  const encoded = new Response(own)
  const type = encoded.headers.get('content-type') ?? undefined
  return { kind: 'whole', body: Buffer.from(await encoded.arrayBuffer()), type }
}

async function drain(body: AnyIterable, maxSize: number, owner: BodyOwner): Promise<ReadBody> {
  const iterator = Symbol.asyncIterator in body ? body[Symbol.asyncIterator]() : body[Symbol.iterator]()
  const chunks: Uint8Array[] = []
  let size = 0
  // A stalled stream would keep the loop waiting for ever. undici destroys a body when its request is aborted; so do
  // we.
  owner.source = { onResume: ignore, onPause: ignore, onLeave: (reason) => destroy(body, reason) }
  try {
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) {
      if (owner.done) {
        await iterator.return?.()
        return { kind: 'aborted' }
      }
      const chunk = toBytes(step.value)
      // A copy: a generator may fill the same buffer again, or give it back when it ends. undici has sent it by then,
      // but here it waits for the rest. fetch's generator never does so, but looks like any other.
      chunks.push(Buffer.from(chunk))
      size += chunk.length
      if (size > maxSize) return passed(rest(chunks, iterator), 'body-too-large')
    }
  } catch (error) {
    await close(iterator)
    return owner.done ? { kind: 'aborted' } : { kind: 'failed', error }
  }
  if (owner.done) return { kind: 'aborted' }
  const [first] = chunks
  return whole(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size))
}

/** Lets a generator clean up that gave something else than bytes. What it throws then is not what went wrong. */
async function close(iterator: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> {
  try {
    await iterator.return?.()
  } catch {}
}

function ignore(): void {}

function destroy(body: object, reason: Error): void {
  if ('destroy' in body && typeof body.destroy === 'function') body.destroy(reason)
}

/** What was read, then what is still to come. */
async function* rest(
  read: Uint8Array[],
  iterator: AsyncIterator<unknown> | Iterator<unknown>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* read.splice(0)
    for (let step = await iterator.next(); step.done !== true; step = await iterator.next()) yield toBytes(step.value)
  } finally {
    await iterator.return?.()
  }
}

// undici takes the same: https://github.com/nodejs/undici/blob/main/docs/docs/api/Dispatcher.md#parameter-dispatchoptions
function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') return Buffer.from(chunk)
  if (ArrayBuffer.isView(chunk)) return bufferOf(chunk)
  if (chunk instanceof ArrayBuffer) return Buffer.from(chunk)
  throw new TypeError('chunk must be a string, an ArrayBuffer or a view of one')
}
