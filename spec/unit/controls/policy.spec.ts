import { describe, expect, it } from 'vitest'
import { isCovered, type Policy } from '../../../lib/controls/policy.ts'

describe('isCovered', () => {
  const table: readonly (readonly [policy: Policy, deterministic: boolean, asked: boolean, covered: boolean])[] = [
    ['all', false, false, true],
    ['all', true, false, true],
    ['all', false, true, true],
    ['deterministic', false, false, false],
    ['deterministic', true, false, true],
    ['deterministic', false, true, true],
    ['opt-in', false, false, false],
    ['opt-in', true, false, false],
    ['opt-in', false, true, true],
  ]
  it.each(table)('%s, deterministic: %j, asked: %j → %j', (policy, deterministic, asked, covered) => {
    expect(isCovered(policy, { model: 'm', stream: false, deterministic, veto: undefined }, asked)).toBe(covered)
  })
})
