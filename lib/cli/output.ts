/** Writes one line to stdout: a result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Writes a value to stdout as JSON, for machines. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, undefined, 2))
}

/** Writes one line to stderr: progress and errors. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}
