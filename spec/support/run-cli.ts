import { CLI } from './package.ts'
import { type Ended, runNode, type RunOptions } from './run-node.ts'

/** Runs one command line as a user would, without colours unless the spec's own variables ask for them. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return runNode([CLI, ...args], options)
}
