import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { Operation, Outcome } from './operations.ts'
import { Writer, type WriterOptions } from './writer.ts'

/** What the worker is started with. */
export interface WorkerStart {
  readonly options: WriterOptions
  /** One number: how many requests have been answered. */
  readonly answered: Int32Array<SharedArrayBuffer>
}

/** An operation and the number under which it is answered. */
export interface WorkerRequest {
  readonly id: number
  readonly operation: Operation | { readonly kind: 'close' }
}

/** What the worker says. */
export type WorkerMessage =
  | { readonly kind: 'answers'; readonly answers: readonly { readonly id: number; readonly outcome: Outcome }[] }
  | { readonly kind: 'set-aside'; readonly path: string }

/** Requests that one transaction may take. */
const MAX_BATCH = 256
const MAX_BATCH_BYTES = 16 * 1024 * 1024
/** Milliseconds until the first clean-up, which must hold up no first answer, and between two. */
const FIRST_MAINTENANCE = 2_000
const MAINTENANCE = 60_000

if (parentPort !== null) serve(parentPort, workerData)

/** The thread that writes: takes all that has come meanwhile into one transaction, and answers when it is committed. */
function serve(port: MessagePort, { options, answered }: WorkerStart): void {
  const say = (message: WorkerMessage): void => port.postMessage(message)
  const writer = new Writer(options, (path) => say({ kind: 'set-aside', path }))
  const maintain = (): void => {
    try {
      writer.maintain(Date.now())
    } catch {
      // The next write meets the same trouble, and tells it.
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

/** The request and those that wait behind it, up to a close. */
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
