/** A Buffer over the same bytes, not a copy. */
export function bufferOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** Reads bytes as UTF-8. What is not UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  return bufferOf(bytes).toString('utf8')
}
