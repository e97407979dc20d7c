import { closeSync, openSync, rmSync, writeSync } from 'node:fs'

/**
 * Writes failed lines to a file, unchanged except for the added error. The file is created with the first one, and can
 * be used as input again.
 */
export class FailedLines {
  readonly path: string
  #file: number | undefined

  constructor(path: string) {
    this.path = path
    rmSync(path, { force: true }) // left by the previous run
  }

  add(line: object, error: object): void {
    // The lines have prompts, so only the user may read the file.
    this.#file ??= openSync(this.path, 'w', 0o600)
    writeSync(this.#file, `${JSON.stringify({ ...line, error })}\n`)
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }
}
