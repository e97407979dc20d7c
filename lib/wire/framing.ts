import type { Refusal } from '../base/reasons.ts'

/** Receives what a framing finds. Calls after the first `fail` are ignored. */
export interface Sink {
  /** One event of a stream: its name, if it has one, and its data as text. */
  event(name: string | undefined, data: string): void
  /** The body of an answer that is not a stream. `plain`: it may be text. */
  document(body: string, plain: boolean): void
  /** The answer can't be stored, whatever follows. */
  fail(reason: Refusal): void
}

/** Splits decoded bytes into events. Keeps none of the bytes that it gets. */
export interface Framing {
  write(bytes: Uint8Array): void
  /**
   * The transport has ended cleanly. What is still incomplete is the last event, or a sign that something is missing.
   */
  end(): void
}

/** A framing of text. */
export interface TextFraming {
  feed(text: string): void
  end(): void
}
