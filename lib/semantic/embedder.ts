import type { Embed } from './embedding.ts'

/** What the option `semantic` needs of an embedder: `semantic: { ...httpEmbedder({ … }), threshold: 0.9 }`. */
export interface Embedder {
  /** One vector for each text, in their order. */
  readonly embed: Embed
  /** Names the model and its dimensions. */
  readonly id: string
}
