import type { Refusal } from '../base/reasons.ts'

/** Tokens of one answer as its provider reports them. */
export interface Usage {
  /** Prompt tokens, cached ones included. */
  readonly inputTokens: number
  /** Completion tokens, reasoning included. */
  readonly outputTokens: number
  /** Prompt tokens that the provider itself had cached. */
  readonly cachedTokens?: number
  /** Prompt tokens that the provider has put into its cache. */
  readonly cacheWriteTokens?: number
  /** What the provider says the call cost, in US dollars (OpenRouter). */
  readonly cost?: number
}

/** One choice, candidate or output of an answer. */
export class Choice {
  /** A finish reason has come, and no content after it. */
  finished = false
  /** Whether anything that a user would call content has come: text, audio, an image, a tool call, a vector. */
  content = false
  /** Arguments of tool calls by id or index, put together from their deltas; parsed once at the verdict. */
  readonly toolArguments: Map<string, string> = new Map()
  /** Which of these the pieces of an index go to. */
  readonly openCalls: Map<number, string> = new Map()

  /** Notes content. After a finish reason it needs a new one: that was not the end. */
  addContent(): void {
    this.content = true
    this.finished = false
  }
}

/** What an answer has shown so far. Formats write it, the verdict reads it. */
export class Answer {
  /** The provider's end marker has come. */
  ended = false
  /** Only the end marker makes the answer whole, not a clean end of the transport. */
  needsMarker = false
  /** The provider is documented to send no `[DONE]`; see `ProviderRow.sendsNoDone`. */
  readonly doneIsOptional: boolean
  /** Reasons against storing that the events themselves named. */
  readonly flags: Set<Refusal> = new Set()
  readonly choices: Map<string, Choice> = new Map()
  usage: Usage | undefined
  /** Why the provider's own cache missed, in its own word: `tools_changed`. */
  cacheMiss: string | undefined

  constructor({ doneIsOptional = false }: { readonly doneIsOptional?: boolean } = {}) {
    this.doneIsOptional = doneIsOptional
  }

  /** The choice of that id, made on first use. */
  choice(id: string | number): Choice {
    const name = String(id)
    let choice = this.choices.get(name)
    if (choice === undefined) this.choices.set(name, (choice = new Choice()))
    return choice
  }
}
