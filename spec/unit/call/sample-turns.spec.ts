import { expect, test } from 'vitest'
import { SampleTurns } from '../../../lib/call/sample-turns.ts'

test('each prompt has its own turns', () => {
  const turns = new SampleTurns()
  expect(['a', 'a', 'b', 'a', 'b'].map((key) => turns.next(key))).toEqual([0, 1, 0, 2, 1])
})
