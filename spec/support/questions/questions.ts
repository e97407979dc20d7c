import { readFileSync } from 'node:fs'

/** Two questions, and what they are an example of. */
export interface QuestionPair {
  readonly family: string
  readonly a: string
  readonly b: string
}

/** Pairs of questions whose answers differ, however near the questions are. */
export function differentQuestions(): QuestionPair[] {
  return read('different')
}

/** Pairs of questions that one answer will do for. */
export function sameQuestions(): QuestionPair[] {
  return read('same')
}

function read(name: string): QuestionPair[] {
  const lines = readFileSync(new URL(`./${name}.txt`, import.meta.url), 'utf8').split('\n')
  let family = ''
  const pairs: QuestionPair[] = []
  for (const line of lines.filter((one) => one !== '')) {
    const [a, b] = line.split(' | ')
    if (line.startsWith('# ')) family = line.slice(2)
    else if (a === undefined || b === undefined) throw new Error(`${name}.txt: no pair in "${line}"`)
    else pairs.push({ family, a, b })
  }
  return pairs
}
