import type { Refusal } from '../base/reasons.ts'

/** What a framing finds. Calls after the first `fail` are ignored. */
export interface Sink {
  /** One event of a stream: its name where it has one, its data as text. */
  event(name: string | undefined, data: string): void
  /** The body of an answer that is no stream. `plain`: it may be text. */
  document(body: string, plain: boolean): void
  /** The answer can't be stored, whatever follows. */
  fail(reason: Refusal): void
}

/** Cuts decoded bytes into events. Keeps no reference to the bytes that it is given. */
export interface Framing {
  write(bytes: Uint8Array): void
  /** The transport ended cleanly: what is not closed yet is the last event, or a sign that something is missing. */
  end(): void
}

/** A framing of text. */
export interface TextFraming {
  feed(text: string): void
  end(): void
}
