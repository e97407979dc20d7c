import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Operation, Outcome } from './operations.ts'
import { Writer, type WriterOptions } from './writer.ts'

/** Data for starting the worker. */
export interface WorkerStart {
  readonly options: WriterOptions
  /** A counter: how many requests have been answered. */
  readonly answered: Int32Array<SharedArrayBuffer>
}

/** An operation and the number under which it is answered. */
export interface WorkerRequest {
  readonly id: number
  readonly operation: Operation | { readonly kind: 'close' }
}

/** Messages from the worker. */
export type WorkerMessage =
  | { readonly kind: 'answers'; readonly answers: readonly { readonly id: number; readonly outcome: Outcome }[] }
  | { readonly kind: 'set-aside'; readonly path: string }

/** Requests that one transaction may take. */
const MAX_BATCH = 256
const MAX_BATCH_BYTES = 16 * 1024 * 1024
/** Milliseconds until the first clean-up, which must not delay the first answer, and between clean-ups. */
const FIRST_MAINTENANCE = 2_000
const MAINTENANCE = 60_000

if (parentPort !== null) serve(parentPort, workerData)

/** The writing thread: commits everything that has arrived in one transaction, then answers. */
function serve(port: MessagePort, { options, answered }: WorkerStart): void {
  const say = (message: WorkerMessage): void => port.postMessage(message)
  const writer = new Writer(options, (path) => say({ kind: 'set-aside', path }))
  const maintain = (): void => {
    try {
      writer.maintain(Date.now())
    } catch {
      // The next write has the same problem, and reports it.
    }
  }
  const timers = [setTimeout(maintain, FIRST_MAINTENANCE), setInterval(maintain, MAINTENANCE)]
  port.on('message', (first: WorkerRequest) => {
    const requests = batchOf(first, port)
    // A close is always the last one.
    const isClosing = requests.at(-1)?.operation.kind === 'close'
    const outcomes = writer.apply(requests.flatMap(({ operation }) => (operation.kind === 'close' ? [] : operation)))
    if (isClosing) writer.close()
    Atomics.add(answered, 0, requests.length)
    Atomics.notify(answered, 0)
    say({ kind: 'answers', answers: requests.map(({ id }, at) => ({ id, outcome: outcomes[at] ?? { count: 0 } })) })
    if (!isClosing) return
    timers.forEach(clearTimeout)
    port.close()
  })
}

/** A request and those queued behind it, up to a close. */
function batchOf(first: WorkerRequest, port: MessagePort): WorkerRequest[] {
  const requests = [first]
  let size = sizeOf(first)
  while (requests.at(-1)?.operation.kind !== 'close' && requests.length < MAX_BATCH && size < MAX_BATCH_BYTES) {
    const next: { readonly message: WorkerRequest } | undefined = receiveMessageOnPort(port)
    if (next === undefined) break
    requests.push(next.message)
    size += sizeOf(next.message)
  }
  return requests
}

function sizeOf({ operation }: WorkerRequest): number {
  return 'payload' in operation ? operation.payload.length : 0
}
