import { type ChannelListener, subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { DiagnosticMessages } from '../telemetry/diagnostics.ts'

/** One event that is sent to the page. */
export type LiveEvent = {
  readonly [Name in Heard]: { readonly type: Kind<Name>; readonly at: number } & DiagnosticMessages[Name]
}[Heard]

const HEARD = ['undici-llm-cache:answer', 'undici-llm-cache:call', 'undici-llm-cache:miss'] as const

type Heard = (typeof HEARD)[number]
type Kind<Name extends Heard> = Name extends `undici-llm-cache:${infer Rest}` ? Rest : never

/** Past events that a newly opened page gets. */
const REMEMBERED = 200

/** Sends the calls of this process to open pages as they happen. No event has a prompt, an answer or a credential. */
export class LiveFeed {
  readonly #recent: string[] = []
  readonly #listeners = new Set<(line: string) => void>()
  readonly #subscriptions: readonly (readonly [string, ChannelListener])[]

  constructor() {
    this.#subscriptions = HEARD.map((name) => {
      const type = name.slice('undici-llm-cache:'.length)
      const listener: ChannelListener = (message) => this.#tell(type, message)
      subscribe(name, listener)
      return [name, listener]
    })
  }

  /** Calls back with each past and each new event, as one line of JSON. Returns a function that ends this. */
  listen(listener: (line: string) => void): () => void {
    for (const line of this.#recent) listener(line)
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  close(): void {
    for (const [name, listener] of this.#subscriptions) unsubscribe(name, listener)
    this.#listeners.clear()
  }

  #tell(type: string, message: unknown): void {
    const line = `${JSON.stringify({ type, at: Date.now(), ...(message as object) })}\n` // messages are objects
    this.#recent.push(line)
    if (this.#recent.length > REMEMBERED) this.#recent.shift()
    for (const listener of this.#listeners) listener(line)
  }
}
