import { expect, onTestFinished, test, vi } from 'vitest'
import { Warnings } from '../../../lib/telemetry/diagnostics.ts'

test('a warning comes once a cause, for at most 100 causes', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  onTestFinished(() => warn.mockRestore())
  const warnings = new Warnings()
  for (let cause = 0; cause < 1000; cause++) for (let i = 0; i < 2; i++) warnings.warn('CODE', `cause ${cause}`)
  expect(warn).toHaveBeenCalledTimes(100)
  expect(warn.mock.calls.map(([message]) => message)).toEqual(Array.from({ length: 100 }, (_, at) => `cause ${at}`))
})
