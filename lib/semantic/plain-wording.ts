import { rewrite } from './rewrites.ts'
import { americanSpelling, LINKING, NO_PLURALS, PHRASES, SYNONYMS } from './words.ts'

/** The article and number of a word. */
export interface Form {
  /** The article before it: `a`, `the` or none. */
  readonly article: string
  readonly isPlural: boolean
}

/** A word with its form. */
export interface Word extends Form {
  readonly text: string
}

/** A singular without an article. */
export const NO_FORM: Form = { article: '', isPlural: false }

/** Removes words without meaning from a sentence, and gives all sentences that ask the same one wording. */
export function plainWording(tokens: readonly string[], isOfWords: boolean): Word[] {
  const words = withForms(rewrite(tokens.join(' ')).split(' '))
  if (isOfWords) return words
  return replaceAll(ofPossessive(words), PHRASES).map((word) => ({ ...word, text: plainWord(word.text) }))
}

/** Removes articles, and notes each at the word that follows it. */
function withForms(tokens: readonly string[]): Word[] {
  const words: Word[] = []
  let article = ''
  for (const [at, text] of tokens.entries()) {
    if (text === '') continue
    if (isArticle(text) && at < tokens.length - 1 && !isCounting(text, tokens[at + 1])) {
      article = text === 'an' ? 'a' : text
      continue
    }
    words.push({ text, article, isPlural: text === 'children' || stem(text) !== text })
    article = ''
  }
  return words
}

function isArticle(word: string): boolean {
  return word === 'a' || word === 'an' || word === 'the'
}

/** Whether the article belongs to a quantity: "a few" means some, "few" hardly any. */
function isCounting(word: string, next = ''): boolean {
  return word === 'a' && /^(?:few|little|lot)$/.test(next)
}

/** The word that stands for all its synonyms, in its simplest form. */
function plainWord(word: string): string {
  const one = stem(word)
  return SYNONYMS.get(one) ?? americanSpelling(one)
}

function replaceAll(words: readonly Word[], phrases: typeof PHRASES): Word[] {
  const result: Word[] = []
  for (let at = 0; at < words.length;) {
    const found = phrases.find(({ phrase }) => phrase.every((text, offset) => words[at + offset]?.text === text))
    const taken = words.slice(at, at + (found?.phrase.length ?? 1))
    const [first, last] = [taken[0] ?? { text: '', ...NO_FORM }, taken.at(-1)]
    result.push(
      ...(found?.stands.map((text) => ({ text, article: first.article, isPlural: last?.isPlural === true })) ?? [
        first,
      ]),
    )
    at += taken.length
  }
  return result
}

/** "France's capital" at the end of a sentence is "capital of France". */
function ofPossessive(words: readonly Word[]): readonly Word[] {
  const at = words.findIndex(({ text }) => text === "'s")
  const [first, ...others] = words.slice(at + 1)
  if (at < 1 || first === undefined || others.length > 2) return words
  if ([first, ...others].some(({ text }) => LINKING.has(text) || text === "'s")) return words
  const start = startOfOwner(words, at - 1)
  // "The country's capital" is "the capital of the country".
  const owned = [{ ...first, article: 'the' }, ...others, { text: 'of', ...NO_FORM }]
  return [...words.slice(0, start), ...owned, ...words.slice(start, at)]
}

/** The index at which an owner begins: its article or `my`, `your` …, otherwise its last word. */
function startOfOwner(words: readonly Word[], last: number): number {
  const start = words.findLastIndex(({ text, article }, at) => at <= last && (article !== '' || WHOSE.test(text)))
  return start > 0 && last - start < 3 ? start : last
}

const WHOSE = /^(?:my|own|your|our|his|her|their)$/

/** The singular of a plural. */
export function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+s$/.test(word) || /(?:ss|us|is)$/.test(word) || NO_PLURALS.has(word)) return word
  if (/(?:ies)$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:sses|shes|ches|xes|zes)$/.test(word) && !/[^aeiou]aches$/.test(word)) return word.slice(0, -2)
  return word.slice(0, -1)
}
