import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../../lib/cli/commands.ts'
import { runCli, runCliHere } from '../../support/run-cli.ts'
import { CLI } from '../../support/package.ts'

const names = COMMANDS.map(({ name }) => name)

describe('help', () => {
  test.for(['--help', '-h'])('%s names every command on stdout and exits 0', async (flag) => {
    const { code, stdout, stderr } = await runCli([flag])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const name of names) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'))
    expect(stdout).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage.')
  })

  test.for(names)('%s --help has examples that name it', async (name) => {
    const { code, stdout, stderr } = await runCliHere([name, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(new RegExp(`^Usage: undici-llm-cache ${name}`))
    expect(stdout).toMatch(new RegExp(`^Examples:\\n(  .*undici-llm-cache ${name}.*\\n)+`, 'm'))
  })
})

test.for(['warm', 'calibrate', 'cassette check', 'cassette import'])(
  '%s --help shows no default that is code',
  async (command) => {
    const { stdout } = await runCli([...command.split(' '), '--help'])
    expect(stdout).toContain('Options:')
    expect(stdout).not.toMatch(/default:\s+(\{\}|\[\]|null)/)
  },
)

test.for(['--version', '-v'])('%s prints the version and exits 0', async (flag) => {
  expect(await runCli([flag])).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' })
})

describe('a wrong command line exits 2 and prints nothing on stdout', () => {
  test.for<[string, string[], string]>([
    ['no command', [], 'Usage: undici-llm-cache [options] [command]'],
    ['an unknown command', ['nonsense'], "unknown command 'nonsense'"],
    ['an unknown option', ['demo', '--nonsense'], "unknown option '--nonsense'"],
    ['an argument too many', ['demo', 'nonsense'], 'too many arguments'],
    ['a missing argument', ['run'], "missing required argument 'command'"],
  ])('%s', async ([, args, message]) => {
    const { code, stdout, stderr } = await runCliHere(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).toContain('Usage: undici-llm-cache')
  })

  test('a misspelt command is answered with the nearest one', async () => {
    expect((await runCliHere(['dmo'])).stderr).toContain('Did you mean demo?')
  })
})

test.skipIf(process.platform !== 'linux')('a full disk under the output is a failure of one line', async () => {
  const child = spawn('sh', ['-c', '"$0" "$1" --help >/dev/full', process.execPath, CLI], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const [code]: unknown[] = await once(child, 'close')
  expect([code, Buffer.concat(errors).toString()]).toEqual([1, expect.stringMatching(/^undici-llm-cache: ENOSPC.*\n$/)])
})

test('a reader that has had enough ends the program without a word', async () => {
  const child = spawn(process.execPath, [CLI, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const errors: Buffer[] = []
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  const [code]: unknown[] = await once(child, 'close')
  expect([code, Buffer.concat(errors).toString()]).toEqual([0, ''])
})
