import type { Embed } from './embedding.ts'

/** An embedder for the option `semantic`: `semantic: { ...httpEmbedder({ … }), threshold: 0.9 }`. */
export interface Embedder {
  /** One vector for each text, in their order. */
  readonly embed: Embed
  /** Names the model and its dimensions. */
  readonly id: string
}
