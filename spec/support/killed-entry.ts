import { hash } from 'node:crypto'
import { accessOf, makeEntry } from '../../lib/stores/contract.ts'
import type { Entry } from '../../lib/stores/entry.ts'
import { answerInfo, type Question } from '../../lib/stores/question.ts'
import type { Access } from '../../lib/stores/store.ts'

/** Whose entries they are. */
export const CALLER: Access = accessOf('who is killed')

const SIZES = [100, 5_000, 20_000, 70_000, 400_000, 10, 1_500, 3_000]

/** The entry of that number: its bytes say which one it is. */
export function killedEntry(serial: number): Entry {
  const body = Buffer.alloc(SIZES[serial % SIZES.length] ?? 1, `${serial};`)
  return makeEntry({ key: hash('sha256', `${serial}`), body, ends: new Uint32Array(), tags: [`tag ${serial}`] })
}

/** The question of that number, in a partition of its own. */
export function killedQuestion(serial: number): Question {
  const entry = answerInfo(killedEntry(serial))
  return { partition: entry.key, text: `question ${serial}`, vector: new Float32Array(256).fill(serial % 1000), entry }
}
