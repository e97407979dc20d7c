import { Worker } from 'node:worker_threads'
import { storeError } from './database.ts'
import type { Operation, Outcome } from './operations.ts'
import type { WorkerMessage, WorkerRequest, WorkerStart } from './worker.ts'
import type { WriterOptions } from './writer.ts'

// The build replaces this path with that of the worker's own file (lib/rolldown.config.ts).
const WORKER = new URL('./worker.ts', import.meta.url)

/** Milliseconds that a request keeps an otherwise idle process alive. */
const HOLD = 1_000

/** A pending request. */
interface Waiting {
  readonly resolve: (count: number) => void
  readonly reject: (error: Error) => void
}

interface RunningWorker {
  readonly worker: Worker
  readonly answered: Int32Array<SharedArrayBuffer>
  /** Number of requests sent. */
  asked: number
}

/** The thread of this process that writes to the file. It is started on demand, and hardly keeps the process alive. */
export class WriterThread {
  readonly #options: WriterOptions
  readonly #onSetAside: (path: string) => void
  readonly #waiting = new Map<number, Waiting>()
  #running: RunningWorker | undefined
  #lastId = 0
  #hold: NodeJS.Timeout | undefined

  /** @param onSetAside called with the path to which a damaged file was moved */
  constructor(options: WriterOptions, onSetAside: (path: string) => void) {
    this.#options = options
    this.#onSetAside = onSetAside
  }

  get isRunning(): boolean {
    return this.#running !== undefined
  }

  /** Starts the worker before it is needed, which takes 50 ms. If that fails, the next `ask` rejects. */
  startAhead(): void {
    try {
      this.#running ??= this.#startWorker()
    } catch {
      // Node's permission model forbids it, or a bundle lacks the worker's file: reading goes on.
    }
  }

  /** Resolves when the operation is committed. The memory of a payload is transferred to the worker. */
  ask(operation: Operation | { readonly kind: 'close' }): Promise<number> {
    const running = (this.#running ??= this.#startWorker())
    const request: WorkerRequest = { id: ++this.#lastId, operation }
    running.worker.postMessage(request, 'payload' in operation ? [operation.payload.buffer] : [])
    running.asked++
    this.#holdProcess(running.worker)
    return new Promise((resolve, reject) => this.#waiting.set(request.id, { resolve, reject }))
  }

  /** Blocks until all requests are done, for at most `milliseconds`. Needs no event loop. */
  waitSync(milliseconds: number): void {
    if (this.#running === undefined) return
    const { answered, asked } = this.#running
    const end = performance.now() + milliseconds
    for (;;) {
      const count = Atomics.load(answered, 0)
      const left = end - performance.now()
      if (count >= asked || left <= 0) return
      Atomics.wait(answered, 0, count, left)
    }
  }

  /** Resolves when the worker has closed the file. */
  async close(): Promise<void> {
    if (this.#running === undefined) return
    const { worker } = this.#running
    const ended = new Promise((resolve) => worker.once('exit', resolve))
    const closed = this.ask({ kind: 'close' })
    // A later request starts another worker.
    this.#running = undefined
    await closed
    await ended
    clearTimeout(this.#hold)
  }

  #startWorker(): RunningWorker {
    const answered = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    const workerData: WorkerStart = { options: this.#options, answered }
    // Without the app's --import and NODE_OPTIONS: our own preload would create a cache in here too.
    const worker = new Worker(WORKER, { workerData, execArgv: [], env: {}, name: 'undici-llm-cache' })
    worker.unref()
    const running = { worker, answered, asked: 0 }
    let failure: Error | undefined
    worker.on('message', (message: WorkerMessage) => this.#hear(message))
    worker.on('error', (error) => void (failure = error))
    worker.on('exit', () => this.#ended(running, failure))
    return running
  }

  #hear(message: WorkerMessage): void {
    if (message.kind === 'set-aside') return this.#onSetAside(message.path)
    for (const { id, outcome } of message.answers) this.#settle(id, outcome)
    // A worker that is closing is awaited until it has ended.
    if (this.#waiting.size === 0 && this.#running !== undefined) this.#releaseProcess(this.#running.worker)
  }

  #settle(id: number, outcome: Outcome): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if ('error' in outcome) waiting?.reject(storeError(outcome.error))
    else waiting?.resolve(outcome.count)
  }

  #ended(running: RunningWorker, cause: Error | undefined): void {
    if (this.#running !== running) return
    this.#running = undefined
    for (const { reject } of this.#waiting.values()) reject(storeError('The thread that writes has ended', cause))
    this.#waiting.clear()
  }

  #holdProcess(worker: Worker): void {
    worker.ref()
    clearTimeout(this.#hold)
    this.#hold = setTimeout(() => worker.unref(), HOLD).unref()
  }

  #releaseProcess(worker: Worker): void {
    clearTimeout(this.#hold)
    worker.unref()
  }
}
