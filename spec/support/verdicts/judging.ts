import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { createJudge } from '../../../lib/judge/judge.ts'
import type { RefuseOptions, Verdict } from '../../../lib/judge/verdict.ts'
import type { VerdictCase } from './case.ts'

export const REFUSE: RefuseOptions = {
  refusal: true,
  contentFilter: true,
  pauseTurn: true,
  empty: true,
  brokenToolCall: true,
  length: false,
}

export interface Judged {
  readonly verdict: Verdict
  /** What `onTurn` was told. */
  readonly turns: readonly Verdict[]
}

type Subject = Pick<VerdictCase, 'format' | 'body' | 'headers' | 'refuse'> &
  Partial<Pick<VerdictCase, 'choices' | 'doneIsOptional'>>

/** Runs one judge over chunks; `clean` as in `Judge.finish`. */
export async function judge(
  subject: Subject,
  chunks: Iterable<Uint8Array>,
  clean = true,
  coding?: string,
): Promise<Judged> {
  const headers: Record<string, string> = { 'content-type': subject.body.type, ...subject.headers }
  if (subject.body.type === '') delete headers['content-type']
  if (coding !== undefined) headers['content-encoding'] = coding
  const turns: Verdict[] = []
  const judging = createJudge({
    format: subject.format,
    header: (name) => headers[name],
    refuse: { ...REFUSE, ...subject.refuse },
    choices: subject.choices,
    doneIsOptional: subject.doneIsOptional,
    maxSize: 1 << 20,
    onTurn: (verdict) => turns.push(verdict),
  })
  for (const chunk of chunks) judging.write(chunk)
  return { verdict: await judging.finish(clean), turns }
}

/** `store`, or the reason against it. */
export function outcome({ verdict }: Judged): string {
  return verdict.store ? 'store' : verdict.reason
}

/** One byte at a time. */
export function* bytewise(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1)
}

/** Content codings and what puts bytes into them. */
export const CODINGS: Readonly<Record<string, (bytes: Uint8Array) => Promise<Buffer>>> = {
  gzip: promisify<Uint8Array, Buffer>(zlib.gzip),
  deflate: promisify<Uint8Array, Buffer>(zlib.deflate),
  br: promisify<Uint8Array, Buffer>(zlib.brotliCompress),
  zstd: promisify<Uint8Array, Buffer>(zlib.zstdCompress),
}
