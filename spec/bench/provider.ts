import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Answer } from './answer.ts'

/** What a loopback provider answers to every call. */
export interface ProviderSettings {
  readonly answer: Answer
  /** Milliseconds before each event; default 0. */
  readonly gap?: number
  /** Milliseconds before the head; default 0. */
  readonly first?: number
}

/** A provider in a thread of its own: what it costs is not on our event loop. */
export interface BenchProvider {
  readonly origin: string
  /** Calls since the last time it was asked. */
  calls(): Promise<number>
  close(): Promise<void>
}

/** Opens one on a free port of this machine. */
export async function openProvider(settings: ProviderSettings): Promise<BenchProvider> {
  const worker = new Worker(new URL('./provider-worker.ts', import.meta.url), { workerData: settings })
  const [origin] = await once(worker, 'message')
  return {
    origin,
    async calls() {
      worker.postMessage('calls')
      const [calls] = await once(worker, 'message')
      return calls
    },
    close: async () => void (await worker.terminate()),
  }
}
