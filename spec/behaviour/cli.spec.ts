import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'

const cli = new URL('../../lib/cli.ts', import.meta.url).pathname

/** Runs one command line as a user would, in a terminal without colours. */
function run(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const options = { env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env } }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [cli, ...args], options, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

test('the demo shows each call as MISS and HIT with equal bytes, and exits 0', async () => {
  const { code, stdout } = await run(['demo'])
  expect(stdout).toMatch(/chat, JSON[^\n]*MISS[^\n]*\n[^\n]*again[^\n]*HIT[^\n]*equal/)
  expect(stdout).toMatch(/28 calls, \d+ of them reached the provider; [\d.]+ s of waiting saved\.\n$/)
  expect(stdout).not.toContain('DIFFERENT')
  expect(stdout).not.toContain('\u001b')
  expect(code).toBe(0)
})

test('demo --live without a key says what is missing and exits 2', async () => {
  const { code, stderr } = await run(['demo', '--live'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('OPENAI_API_KEY')])
})

test.for([[[]], [['nonsense']], [['demo', '--nonsense']]])('%j prints the usage and exits 2', async ([args]) => {
  const { code, stdout, stderr } = await run(args ?? [])
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining('Usage: undici-llm-cache')])
})

test('--help and --version answer on stdout and exit 0', async () => {
  expect(await run(['--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage'), stderr: '' })
  expect(await run(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})
