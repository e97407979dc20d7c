import { setTimeout as wait } from 'node:timers/promises'
import type { Reader } from './plan.ts'

/** What one caller saw. */
export interface Outcome {
  readonly status: number | undefined
  /** `x-llm-cache` */
  readonly cache: string | undefined
  /** The trouble of the call that the provider answered with this. */
  readonly served: string | undefined
  /** The body's bytes so far as text; of an SDK the assistant's text. */
  readonly received: string
  readonly gives: 'body' | 'text'
  /** `whole`: to its end; `left`: the caller went; `failed`: the call did. */
  readonly end: 'whole' | 'left' | 'failed'
}

/** Thrown where a door needs an error to be left by. */
export class Leaving extends Error {}

/** Takes an answer in the way that a reader does. */
export class Taker {
  status: number | undefined
  cache: string | undefined
  /** `x-soak-served` */
  served: string | undefined
  /** `content-encoding` */
  coding: string | undefined
  readonly gives: Outcome['gives']
  readonly signal: AbortSignal
  readonly #reader: Reader
  readonly #chunks: Uint8Array[] = []
  readonly #abort = new AbortController()
  readonly #timer: NodeJS.Timeout | undefined
  #left = false

  constructor(reader: Reader, gives: Outcome['gives']) {
    this.gives = gives
    this.signal = this.#abort.signal
    this.#reader = reader
    if (reader.kind === 'aborts') this.#timer = setTimeout(() => this.#abort.abort(), reader.after)
  }

  /** The head of the answer. */
  head(status: number, header: (name: string) => string | string[] | null | undefined): void {
    this.status = status
    this.cache = header('x-llm-cache')?.toString()
    this.served = header('x-soak-served')?.toString()
    this.coding = header('content-encoding')?.toString()
  }

  /** The next chunk; `false`: the caller leaves. */
  async take(chunk: Uint8Array | string): Promise<boolean> {
    // A copy: some doors reuse their buffers.
    this.#chunks.push(Buffer.from(chunk))
    if (this.#reader.kind === 'slow') await wait(this.#reader.gap)
    this.#left = this.#reader.kind === 'leaves' && this.#chunks.length >= this.#reader.after
    return !this.#left
  }

  /** Runs a call to its end, whatever that is. */
  async watch(call: () => Promise<void>): Promise<Outcome> {
    let failed = false
    try {
      await call()
    } catch {
      failed = true
    }
    clearTimeout(this.#timer)
    // An SDK may end an aborted stream without an error.
    const left = this.#left || this.#abort.signal.aborted
    const end = left ? 'left' : failed ? 'failed' : 'whole'
    const received = Buffer.concat(this.#chunks).toString()
    const { status, cache, served, gives } = this
    return { status, cache, served, received, gives, end }
  }
}
