import type { Hash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { crypto } from '../base/crypto.ts'

/**
 * Bytes up to which a body is hashed and parsed at once; hashing takes about 0.2 ms. Larger bodies are processed in
 * slices, with a turn of the event loop between them. 10 MB at once would block the loop for 6 ms, or 56 without SHA
 * extensions; in slices it is 2 ms.
 */
export const SYNC_LIMIT: number = 256 * 1024

/** Bytes of parsing between two turns of the event loop. */
export const SLICE: number = 64 * 1024

/** Hashes bytes, with a turn of the event loop after each {@link SYNC_LIMIT}. */
export async function updateSliced(hash: Hash, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += SYNC_LIMIT) {
    if (at > 0) await turn()
    hash.update(bytes.subarray(at, at + SYNC_LIMIT))
  }
}

/**
 * Hashes the UTF-8 bytes of a text; resolves to their number. They pass through `scratch`, slice by slice: one Buffer
 * for all of 1 MB would take as long as its hash (0.5 ms instead of 0.02).
 */
export async function updateSlicedText(hash: Hash, text: string, scratch: Buffer): Promise<number> {
  // UTF-8 needs up to three bytes for a UTF-16 unit.
  const units = Math.floor(scratch.length / 3)
  let size = 0
  let due = SYNC_LIMIT
  for (let at = 0, end = 0; at < text.length; at = end) {
    if (size >= due) {
      await turn()
      due = size + SYNC_LIMIT
    }
    end = at + units
    if (isHighSurrogate(text.charCodeAt(end - 1))) end--
    const length = scratch.write(text.slice(at, end))
    hash.update(scratch.subarray(0, length))
    size += length
  }
  return size
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

/** SHA-256 of bytes as 64 hex digits; large inputs in slices. */
export async function digestSliced(bytes: Uint8Array): Promise<string> {
  const hash = crypto().createHash('sha256')
  await updateSliced(hash, bytes)
  return hash.digest('hex')
}
