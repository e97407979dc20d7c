import { useEffect, useState } from 'preact/hooks'

/** What is loaded again and again, and what went wrong the last time. */
export interface Polled<T> {
  readonly value: T | undefined
  readonly error: unknown
}

/** Milliseconds. */
const PACE = 2000

/** Loads a value now, and every two seconds while somebody sees the page. */
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
