import { type Command, InvalidArgumentError } from 'commander'
import { checkCassette } from '../../cassettes/check.ts'
import { print } from '../output.ts'
import { readCassette } from './read.ts'

/** `cassette check FILE…`: finds what should not be committed. For a git hook and CI. */
export function defineCheck(command: Command): void {
  command
    .name('check')
    .description('what should not be committed: secrets, entries that are too old, broken lines')
    .argument('<files...>', 'cassettes')
    .option('--max-age <seconds>', 'how old an entry may be', seconds)
    .action(async (files: string[], { maxAge = Infinity }: { maxAge?: number }) => {
      for (const file of files) {
        const problems = await problemsOf(file, maxAge)
        for (const problem of problems) print(problem)
        if (problems.length > 0) process.exitCode = 1
      }
    })
}

async function problemsOf(file: string, maxAge: number): Promise<string[]> {
  try {
    const problems = checkCassette(await readCassette(file), { maxAge, now: Date.now() })
    return problems.map(({ line, text }) => `${file}:${line}: ${text}`)
  } catch (error) {
    return [error instanceof Error ? error.message : `${file} can not be read`]
  }
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number of seconds above 0.')
  return value
}
