import type { Command } from 'commander'

/** What subcommands need to know of the package. */
export interface PackageFacts {
  /** Version in package.json. */
  readonly version: string
  /** File URL of `register`, for `--import`. */
  readonly register: string
}

/**
 * Adds arguments, options, examples and the action to one subcommand. The action sets `process.exitCode` where it is
 * not 0, throws where something failed (exit code 1, one line on stderr), and calls `command.error` where the command
 * line is wrong (exit code 2).
 */
export type Define = (command: Command, facts: PackageFacts) => void
