import { Command, CommanderError, Help } from 'commander'
import { COMMANDS } from './commands.ts'
import type { PackageFacts } from './define.ts'

const DONE = 0
const FAILED = 1
const WRONG_USAGE = 2

const CODES = `
Exit codes: 0 done, 1 failed, 2 wrong usage.
`

/**
 * Runs one command line. When it resolves, the exit code is in `process.exitCode`: 0 done, 1 failed, 2 usage error.
 *
 * @param args the arguments after the program's name.
 */
export async function runProgram(args: readonly string[], facts: PackageFacts): Promise<void> {
  const program = createProgram(facts)
  try {
    await addCommands(program, args[0], facts)
    if (args.length === 0) program.help({ error: true })
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = told(error)
  }
}

function createProgram(facts: PackageFacts): Command {
  return new Command('undici-llm-cache')
    .description('An LLM response cache inside your Node process.')
    .version(facts.version, '-v, --version', 'the version')
    .enablePositionalOptions()
    .helpOption('-h, --help', 'this text')
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError()
    .addHelpText('after', CODES)
}

/** Adds a subcommand by its name. Its file is loaded only if it is called. */
async function addCommands(program: Command, called: string | undefined, facts: PackageFacts): Promise<void> {
  for (const { name, summary, load } of COMMANDS) {
    const command = program.command(name).description(summary).helpOption('-h, --help', 'this text').exitOverride()
    if (name !== called) continue
    const define = await load()
    define(command, facts)
    // Printing the whole help would hide the error.
    command.showHelpAfterError(`\nUsage: ${new Help().commandUsage(command)}\nMore by undici-llm-cache ${name} --help`)
  }
}

/** Prints an error, unless commander has done so, and returns the exit code. */
function told(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? DONE : WRONG_USAGE
  process.stderr.write(`undici-llm-cache: ${describe(error)}\n`)
  return FAILED
}

/** An error in one line, with its cause: fetch itself says only "fetch failed". */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
