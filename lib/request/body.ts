import { bufferOf, decodeUtf8 } from '../base/bytes.ts'
import { drainIterable } from './drain-iterable.ts'
import { drainStream, isStream } from './drain-stream.ts'
import { type BodyOwner, passed, type ReadBody, toBytes, whole } from './read-body.ts'

/**
 * Reads a whole request body, in every shape that undici accepts. Synchronous if the body is available (a string,
 * bytes, none).
 *
 * The owner's handler must have been told that its request begins. fetch's body generator swallows an abort and then
 * ends as if it were complete: only the owner knows that it was cut short.
 */
export function readBody(
  body: unknown,
  maxSize: number,
  owner: BodyOwner,
  hasType: boolean,
): ReadBody | Promise<ReadBody> {
  if (body === null || body === undefined) return whole('', body)
  if (typeof body === 'string') return isWithin(body, maxSize) ? whole(body, body) : passed(body, 'body-too-large')
  if (ArrayBuffer.isView(body) || body instanceof ArrayBuffer) {
    return body.byteLength > maxSize ? passed(body, 'body-too-large') : whole(toBytes(body), body)
  }
  // First, since this check is fast, and fetch sends nothing else; neither a form nor a Blob is async iterable.
  if (isAsyncIterable(body)) {
    return isStream(body) ? drainStream(body, maxSize, owner) : drainIterable(body, maxSize, owner)
  }
  if (isFormData(body)) return hasType ? passed(body, 'body-encoding') : orPassed(body, readForm(body, maxSize))
  if (isBlob(body)) return body.size > maxSize ? passed(body, 'body-too-large') : orPassed(body, readBlob(body))
  if (isIterable(body)) return drainIterable(body, maxSize, owner)
  return passed(body, 'body-encoding')
}

/** Counts bytes only if there may be too many: UTF-8 takes up to three for one UTF-16 unit. */
function isWithin(text: string, maxSize: number): boolean {
  return text.length * 3 <= maxSize || Buffer.byteLength(text) <= maxSize
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

/** A file that has changed since it was opened can't be read; undici reports that. */
function orPassed(body: unknown, reading: Promise<ReadBody>): Promise<ReadBody> {
  return reading.catch(() => passed(body, 'body-failed'))
}

async function readBlob(blob: Blob): Promise<ReadBody> {
  const bytes = Buffer.from(await blob.arrayBuffer())
  return whole(bytes, blob, blob.type || undefined)
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
  const bytes = Buffer.from(await encoded.arrayBuffer())
  return whole(bytes, bytes, encoded.headers.get('content-type') ?? undefined)
}
