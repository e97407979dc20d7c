import { vi } from 'vitest'

/** Sets the faked clock on by so many seconds. */
export function elapse(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000)
}
