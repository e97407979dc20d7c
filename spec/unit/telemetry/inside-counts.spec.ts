import { expect, test } from 'vitest'
import { adviceOf, InsideCounters } from '../../../lib/telemetry/inside-counts.ts'

function counted(times: number, part: (n: number) => string): InsideCounters {
  const counters = new InsideCounters()
  for (let n = 0; n < times; n++) counters.missed([part(n)])
  return counters
}

test('advice names the part in which most misses differ, over all items of a list', () => {
  const { missedBy } = counted(20, (n) => `body messages[${n}].id`).snapshot()
  expect(adviceOf({ missedBy, explained: 20 })).toEqual({
    part: 'body messages[*].id',
    share: 1,
    option: 'ignoreFields',
  })
})

test.for([
  ['body metadata.trace', 'ignoreFields'],
  ['body user', 'ignoreFields'],
  ['body session_id', 'ignoreFields'],
  ['header x-release', 'ignoreHeaders'],
  ['body messages[0].content', undefined],
  ['body temperature', undefined],
  ['credential', undefined],
])('what makes %s differ is left out by %s', ([part = '', option]) => {
  expect(adviceOf(counted(20, () => part).snapshot())?.option).toBe(option)
})

test('there is no advice for few misses, or for many reasons', () => {
  expect(adviceOf(counted(5, () => 'body user').snapshot())).toBeUndefined()
  expect(adviceOf(counted(100, (n) => `body field${n}`).snapshot())).toBeUndefined()
})

test('no more than 1,000 parts are counted', () => {
  expect(Object.keys(counted(1200, (n) => `body field${n}`).snapshot().missedBy)).toHaveLength(1000)
})
