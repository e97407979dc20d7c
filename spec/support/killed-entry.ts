import { hash } from 'node:crypto'
import { accessOf, makeEntry } from '../../lib/stores/contract.ts'
import type { Entry } from '../../lib/stores/entry.ts'
import type { Access } from '../../lib/stores/store.ts'

/** Whose entries they are. */
export const CALLER: Access = accessOf('who is killed')

const SIZES = [100, 5_000, 20_000, 70_000, 400_000, 10, 1_500, 3_000]

/** The entry of that number: its bytes say which one it is. */
export function killedEntry(serial: number): Entry {
  const body = Buffer.alloc(SIZES[serial % SIZES.length] ?? 1, `${serial};`)
  return makeEntry({ key: hash('sha256', `${serial}`), body, ends: new Uint32Array(), tags: [`tag ${serial}`] })
}
