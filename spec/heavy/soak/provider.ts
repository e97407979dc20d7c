import { hash } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** A provider in a thread of its own, which misbehaves as each call asks it to. */
export interface SoakProvider {
  readonly origin: string
  /** Whether it has harmed a call with that body in the last so many milliseconds. */
  hasHarmed(body: string, milliseconds: number): boolean
  /** Resolves once no call is open any more; `false` if that takes longer than `patience` milliseconds. */
  drained(patience: number): Promise<boolean>
  close(): Promise<void>
}

/** Opens one on a free port of this machine. */
export async function openProvider(): Promise<SoakProvider> {
  const worker = new Worker(new URL('./provider-worker.ts', import.meta.url))
  const [origin] = await once(worker, 'message')
  // By their hashes: some bodies are huge.
  const harmedAt = new Map<string, number>()
  worker.on('message', ({ harmed }: { readonly harmed?: string }) => {
    if (harmed !== undefined) harmedAt.set(harmed, performance.now())
  })
  return {
    origin,
    hasHarmed: (body, milliseconds) =>
      performance.now() - (harmedAt.get(hash('sha256', body)) ?? -Infinity) <= milliseconds,
    async drained(patience) {
      const signal = AbortSignal.timeout(patience)
      worker.postMessage('open?')
      try {
        for (;;) {
          const [{ open }] = await once(worker, 'message', { signal })
          if (open === 0) return true
        }
      } catch {
        return false
      }
    },
    close: async () => void (await worker.terminate()),
  }
}
