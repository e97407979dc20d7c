import type { Command } from 'commander'

/** Facts about the package for subcommands. */
export interface PackageFacts {
  /** Version in package.json. */
  readonly version: string
  /** File URL of `register`, for `--import`. */
  readonly register: string
}

/**
 * Adds arguments, options, examples and the action to a subcommand. The action sets `process.exitCode` if it is not 0,
 * throws if something failed (exit code 1, one line on stderr), and calls `command.error` for a usage error (exit code
 * 2).
 */
export type Define = (command: Command, facts: PackageFacts) => void
