import type { Refusal } from '../base/reasons.ts'

/** Tokens of one answer, as reported by its provider. */
export interface Usage {
  /** Prompt tokens, cached ones included. */
  readonly inputTokens: number
  /** Completion tokens, reasoning included. */
  readonly outputTokens: number
  /** Prompt tokens that the provider had in its own cache. */
  readonly cachedTokens?: number
  /** Prompt tokens that the provider wrote to its own cache. */
  readonly cacheWriteTokens?: number
  /** The cost as reported by the provider, in US dollars (OpenRouter). */
  readonly cost?: number
}

/** One choice, candidate or output of an answer. */
export class Choice {
  /** Whether a finish reason has arrived, and no content after it. */
  finished = false
  /** Whether there is any content: text, audio, an image, a tool call, a vector. */
  content = false
  /** Arguments of tool calls by id or index, concatenated from their deltas; parsed once, for the verdict. */
  readonly toolArguments: Map<string, string> = new Map()
  /** The entry of `toolArguments` to which the next pieces of an index belong. */
  readonly openCalls: Map<number, string> = new Map()

  /** Notes content. Content after a finish reason needs a new one: that was not the end. */
  addContent(): void {
    this.content = true
    this.finished = false
  }
}

/** What is known of an answer so far. Formats write it, the verdict reads it. */
export class Answer {
  /** Whether the provider's end marker has arrived. */
  ended = false
  /** Whether only the end marker makes the answer whole, and not a clean end of the transport. */
  needsMarker = false
  /** Whether the provider is known to send no `[DONE]`; see `ProviderRow.sendsNoDone`. */
  readonly doneIsOptional: boolean
  /** Reasons against storing that events have shown. */
  readonly flags: Set<Refusal> = new Set()
  readonly choices: Map<string, Choice> = new Map()
  usage: Usage | undefined
  /** Why the provider's own cache missed, in the provider's word: `tools_changed`. */
  cacheMiss: string | undefined

  constructor({ doneIsOptional = false }: { readonly doneIsOptional?: boolean } = {}) {
    this.doneIsOptional = doneIsOptional
  }

  /** The choice with that id, created at first use. */
  choice(id: string | number): Choice {
    const name = String(id)
    let choice = this.choices.get(name)
    if (choice === undefined) this.choices.set(name, (choice = new Choice()))
    return choice
  }
}
