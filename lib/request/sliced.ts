import { createHash, type Hash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'

/**
 * Bytes up to which a body is hashed and parsed at one go: about 0.2 ms of hashing. Above, work is cut into slices with
 * a turn of the event loop between them (10 MB at one go: a stall of 6 ms with SHA extensions, 56 ms without; in
 * slices: 2 ms).
 */
export const SYNC_LIMIT: number = 256 * 1024

/** Bytes of work between two turns of the event loop. */
export const SLICE: number = 64 * 1024

/** Feeds bytes to a hash, with a turn of the event loop after each slice. */
export async function updateSliced(hash: Hash, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += SLICE) {
    if (at > 0) await turn()
    hash.update(bytes.subarray(at, at + SLICE))
  }
}

/** SHA-256 of bytes as 64 hex digits, in slices where they are many. */
export async function digestSliced(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  await updateSliced(hash, bytes)
  return hash.digest('hex')
}
