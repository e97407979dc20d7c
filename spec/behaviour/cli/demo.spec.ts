import { expect, test } from 'vitest'
import { runCli } from '../../support/run-cli.ts'

test('the demo shows each call as MISS and HIT with equal bytes, and exits 0', async () => {
  const { code, stdout } = await runCli(['demo'])
  expect(stdout).toMatch(/chat, JSON[^\n]*MISS[^\n]*\n[^\n]*again[^\n]*HIT[^\n]*equal/)
  expect(stdout).toMatch(/28 calls, \d+ of them reached the provider; [\d.]+ s of waiting saved\.\n$/)
  expect(stdout).not.toContain('DIFFERENT')
  expect(stdout).not.toContain('\u001b')
  expect(code).toBe(0)
})

test('demo --live without a key says what is missing and exits 2', async () => {
  const { code, stderr } = await runCli(['demo', '--live'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('OPENAI_API_KEY')])
})
