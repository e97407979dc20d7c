import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An empty folder on this machine's disk, and how to be rid of it. */
export function openFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'llm-cache-bench-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}
