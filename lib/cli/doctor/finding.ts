/** Result of a check. Only `fail` makes the exit code 1; `note` is for information. */
export type Level = 'ok' | 'note' | 'warn' | 'fail'

/** What one check found. No text holds a credential, nor the value of a variable that may hold one. */
export interface Finding {
  readonly level: Level
  /** What was looked at: `node`, `store`, `sdk openai`. */
  readonly check: string
  readonly text: string
  /** What to do about it. */
  readonly remedy?: string
}
