import { useEffect, useState } from 'preact/hooks'

/** A value that is loaded regularly, and the error of the last try. */
export interface Polled<T> {
  readonly value: T | undefined
  readonly error: unknown
}

/** Milliseconds between two loads. */
const PACE = 2000

/** Loads a value now, and every two seconds while the page is visible. */
export function usePolled<T>(load: () => Promise<T>): Polled<T> {
  const [polled, setPolled] = useState<Polled<T>>({ value: undefined, error: undefined })
  useEffect(() => {
    let isOver = false
    const poll = async (): Promise<void> => {
      try {
        const value = await load()
        if (!isOver) setPolled({ value, error: undefined })
      } catch (error) {
        if (!isOver) setPolled(({ value }) => ({ value, error }))
      }
    }
    void poll()
    const timer = setInterval(() => {
      if (!document.hidden) void poll()
    }, PACE)
    return () => {
      isOver = true
      clearInterval(timer)
    }
  }, [])
  return polled
}
