import { closeSync, openSync, rmSync, writeSync } from 'node:fs'

/** The file of lines that failed: each as it was, with what was wrong; made with the first one. It can be warmed again. */
export class FailedLines {
  readonly path: string
  #file: number | undefined

  constructor(path: string) {
    this.path = path
    rmSync(path, { force: true }) // of the run before
  }

  add(line: object, error: object): void {
    // A prompt is for its user's eyes.
    this.#file ??= openSync(this.path, 'w', 0o600)
    writeSync(this.#file, `${JSON.stringify({ ...line, error })}\n`)
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }
}
