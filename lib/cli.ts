#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import type { Command } from './cli/command.ts'

/** Subcommands, loaded when called; one file each. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./cli/demo/demo.ts')).demo,
}

const USAGE = `Usage: undici-llm-cache <command>

Commands:
  demo [--live]   the same calls twice through the cache, timed; --live calls OpenAI (OPENAI_API_KEY)

Options:
  -h, --help      this text
  -v, --version   the version
`

/** Runs one command line and resolves to its exit code: 2 where the command line itself is wrong. */
async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...rest] = args
  if (name === '--help' || name === '-h') return print(USAGE)
  if (name === '--version' || name === '-v') return print(`${version()}\n`)
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (load === undefined) return usage(name === '' ? 'a command is missing' : `no command is named ${name}`)
  const command = await load()
  return command(rest).catch((error: unknown) => {
    if (isArgumentError(error)) return usage(error.message)
    process.stderr.write(`undici-llm-cache: ${describe(error)}\n`)
    return 1
  })
}

function print(text: string): number {
  process.stdout.write(text)
  return 0
}

function usage(problem: string): number {
  process.stderr.write(`undici-llm-cache: ${problem}\n\n${USAGE}`)
  return 2
}

/** One line, with the cause: fetch says no more than "fetch failed" itself. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}

/** What `parseArgs` of node:util throws. */
function isArgumentError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
}

function version(): string {
  // The package's own file, one level up both from lib and from dist.
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return manifest.version
}

process.exitCode = await main(process.argv.slice(2))
