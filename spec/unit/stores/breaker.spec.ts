import { describe, expect, test } from 'vitest'
import { Breaker } from '../../../lib/stores/breaker.ts'

function openBreaker(): { breaker: Breaker; clock: { now: number } } {
  const clock = { now: 0 }
  const breaker = new Breaker(() => clock.now)
  for (let i = 0; i < 5; i++) breaker.failed()
  return { breaker, clock }
}

describe('a breaker', () => {
  test('stays closed as long as five failures in a row have not come', () => {
    const breaker = new Breaker(() => 0)
    for (let i = 0; i < 100; i++) {
      expect(breaker.ask()).toBe('closed')
      breaker.failed()
      if (i % 4 === 3) breaker.succeeded()
    }
  })

  test('is open after five failures, for a second; then one asker probes', () => {
    const { breaker, clock } = openBreaker()
    expect(breaker.ask()).toBe('open')
    clock.now = 999
    expect(breaker.ask()).toBe('open')
    clock.now = 1000
    expect(breaker.ask()).toBe('probe')
    expect(breaker.ask()).toBe('open')
    clock.now = 60_000
    expect(breaker.ask()).toBe('open')
  })

  test('doubles the pause with each failed probe, up to 30 seconds', () => {
    const { breaker, clock } = openBreaker()
    const pauses: number[] = []
    for (let since = 0; pauses.length < 7; clock.now++) {
      if (breaker.ask() === 'open') continue
      pauses.push(clock.now - since)
      since = clock.now
      breaker.failed()
    }
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  })

  test('is not put off by a thousand calls that fail at once', () => {
    const { breaker, clock } = openBreaker()
    for (let i = 0; i < 1000; i++) {
      clock.now = i
      breaker.failed()
    }
    clock.now = 1000
    expect(breaker.ask()).toBe('probe')
  })

  test('is closed again by one success, and starts again with a pause of a second', () => {
    const { breaker, clock } = openBreaker()
    clock.now = 1000
    breaker.ask()
    breaker.failed()
    clock.now = 3000
    expect(breaker.ask()).toBe('probe')
    expect(breaker.succeeded()).toBe(true)
    expect(breaker.ask()).toBe('closed')
    for (let i = 0; i < 5; i++) breaker.failed()
    clock.now = 4000
    expect(breaker.ask()).toBe('probe')
  })

  test('reports the beginning and the end of an outage once', () => {
    const breaker = new Breaker(() => 0)
    expect([breaker.failed(), breaker.failed(), breaker.succeeded(), breaker.succeeded()]).toEqual([
      true,
      false,
      true,
      false,
    ])
  })
})
