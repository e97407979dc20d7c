import { expect, test } from 'vitest'
import { checkClock, checkNode } from '../../../../lib/cli/doctor/runtime.ts'
import { isAtLeast } from '../../../../lib/cli/doctor/version.ts'

test.for([
  ['7.27.0', '7.27.0', true],
  ['7.26.9', '7.27.0', false],
  ['10.0.0', '9.9.9', true],
  ['8', '7.27.0', true],
  ['5.0.0-beta.1', '5.0.0', true],
  ['0.50.1', '0.50.1', true],
  ['0.5.11', '0.50.1', false],
] as const)('%s is at least %s: %s', ([version, least, is]) => {
  expect(isAtLeast(version, least)).toBe(is)
})

test('a Node that is too old fails', () => {
  expect([checkNode('22.18.0').level, checkNode('22.19.0').level, checkNode('26.0.0').level]).toEqual([
    'fail',
    'ok',
    'ok',
  ])
})

test('a clock that is behind its own store, or before this package, is reported', () => {
  const now = Date.UTC(2027, 0, 1)
  expect(checkClock(now).level).toBe('ok')
  expect(checkClock(now, now - 5000).level).toBe('ok')
  expect(checkClock(now, now + 90_000)).toMatchObject({ level: 'warn', text: expect.stringContaining('90 s later') })
  expect(checkClock(0).level).toBe('fail')
  expect(checkClock(now, undefined, now - 500).level).toBe('ok')
  expect(checkClock(now, undefined, now - 9000)).toMatchObject({
    level: 'warn',
    text: expect.stringContaining('9 s from'),
  })
})
