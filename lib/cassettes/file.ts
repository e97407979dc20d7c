import fs from 'node:fs'
import { dirname } from 'node:path'
import { memberOf } from '../base/check.ts'
import { LlmCacheError } from '../base/errors.ts'

/**
 * The text of a file; `undefined` if there is none.
 *
 * @throws LlmCacheError `ERR_LLM_CACHE_CASSETTE` if it can't be read, naming it: Node's own error does not name a folder.
 */
export function readIfThere(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new LlmCacheError('ERR_LLM_CACHE_CASSETTE', `${path} can't be read (${codeOf(error)})`, { cause: error })
  }
}

/**
 * Replaces a file atomically: writes the new text to a file beside it, and renames that over the old one. A process
 * that is killed in between leaves the old file unchanged. Processes that change the same file wait for each other.
 * Synchronous, so that it also works while a process exits.
 *
 * @param change gets the text, `undefined` if there is no file. Returns the new text, or `undefined` to change nothing.
 * @throws LlmCacheError `ERR_LLM_CACHE_CASSETTE` if the file stays locked for 10 s.
 */
export function changeFile(path: string, change: (text: string | undefined) => string | undefined): void {
  fs.mkdirSync(dirname(path), { recursive: true })
  const unlock = lock(`${path}.lock`)
  try {
    const text = change(readIfThere(path))
    if (text !== undefined) replace(path, text)
  } finally {
    unlock()
  }
}

function replace(path: string, text: string): void {
  // A killed process may have left this file behind. Nobody else writes it, since this process has the lock.
  const next = `${path}.tmp`
  try {
    // Flushed before the rename: otherwise, after a power failure, the rename could be on disk without the bytes.
    fs.writeFileSync(next, text, { flush: true })
    fs.renameSync(next, path)
  } catch (error) {
    fs.rmSync(next, { force: true })
    throw error
  }
}

/**
 * Milliseconds to wait for the lock. A save takes a few; a longer wait means many processes at once, or a killed one.
 */
const PATIENCE = 10_000
const PAUSE = 10

/** Takes a lock between processes; returns the function that releases it. */
function lock(path: string): () => void {
  const deadline = performance.now() + PATIENCE
  while (!tryLock(path)) {
    if (performance.now() > deadline) {
      throw new LlmCacheError(
        'ERR_LLM_CACHE_CASSETTE',
        `${path} is locked by another process; delete it if there is none`,
      )
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE)
  }
  return () => fs.rmSync(path, { force: true })
}

function tryLock(path: string): boolean {
  try {
    fs.writeFileSync(path, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    // A process that was killed while saving leaves its lock behind.
    if (isAbandoned(path)) fs.rmSync(path, { force: true })
    return false
  }
}

function isAbandoned(path: string): boolean {
  const since = fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs
  if (since === undefined) return false
  if (Date.now() - since > PATIENCE) return true
  try {
    // Signal 0 checks whether the process exists. A lock that is still empty gives 0: this process, which exists.
    process.kill(Number(readIfThere(path) ?? ''), 0)
    return false
  } catch (error) {
    return codeOf(error) === 'ESRCH'
  }
}

// Not instanceof: in a sandbox (vitest's vmThreads, jest) Node's own errors are of another realm.
function codeOf(error: unknown): unknown {
  return memberOf(error, 'code')
}
