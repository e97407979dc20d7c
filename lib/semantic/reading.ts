import type { Written } from './letter-case.ts'
import { type Form, NO_FORM, plainWording, stem, type Word } from './plain-wording.ts'
import { contracted, tokensOf } from './tokens.ts'
import { FOREIGN, LINKING, OF_WORDS, SYNONYMS } from './words.ts'

/** A text as the guard sees it. */
export interface Reading {
  /** Whether it seems to be English, and is not long. Otherwise `words` are the text's own words in lower case. */
  readonly isEnglish: boolean
  /** The text in normalised words: texts with the same meaning in other words have the same words here. */
  readonly words: readonly string[]
  /** The article and number of each of {@link words}. */
  readonly forms: readonly Form[]
  /** The text's own words in lower case, without punctuation around them. */
  readonly plain: readonly string[]
  /** The text's own words as written. None from a sentence all in capitals, where they mean nothing. */
  readonly written: readonly Written[]
  /** Whether it ends with a question mark. */
  readonly isAsked: boolean
  /** Literal text: in quotes, in code marks or on an indented line. */
  readonly quoted: readonly string[]
  /** Numbers, each with the following word as its unit. */
  readonly numbers: readonly (readonly [number: string, unit: string])[]
  /** URLs, file names, identifiers and anything else that is not a plain word, unchanged. */
  readonly symbols: readonly string[]
  /** Capitalised words that don't begin a sentence, in lower case. */
  readonly names: readonly string[]
}

/** Names with several spellings. */
const SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/[‘’ʼ]/g, "'"],
  [/[“”«»„]/g, '"'],
  [/\bUnited States(?: of America)?\b|\bU\.S\.(?:A\.)?|\bUSA\b/g, 'US'],
  [/\bUnited Kingdom\b|\bU\.K\./g, 'UK'],
  [/\b([Ee])-mail/g, '$1mail'],
  [/\bJS\b|\bJavascript\b/g, 'JavaScript'],
  [/\bPostgreSQL\b/g, 'Postgres'],
  [/\bK8s\b/gi, 'Kubernetes'],
]

/** Punctuation that ends a sentence follows a word. A mark on its own is what the text is about. */
const SENTENCE_END = /(?<=[\p{L}\p{N}"')\]][.!?]+)\s+|\n+/u

/** UTF-16 units. Words of a longer text are compared literally: few long texts ask the same in other words. */
const LONG = 1_000

/** Analyses a text for the guard. */
export function readingOf(text: string): Reading {
  const spelled = SPELLINGS.reduce((all, [pattern, one]) => all.replace(pattern, one), text.trim().normalize('NFC'))
  const { bare, quoted } = takeQuoted(spelled)
  const sentences = bare.split(SENTENCE_END).map(wordsOf)
  const raw = sentences.flat()
  const shouts = raw.some(({ length }) => length > 3) && bare === bare.toUpperCase()
  const plain = raw.map(lower)
  const isEnglish = text.length <= LONG && isProbablyEnglish(bare, plain)
  const isOfWords = plain.some((word) => OF_WORDS.has(word))
  const tokens = sentences.map((sentence) =>
    sentence.flatMap((word, at) => tokensOf(shouts ? lower(word) : word, { isFirst: at === 0, isOfWords })),
  )
  const words = isEnglish ? plainWordings(tokens, isOfWords) : plain.map((word) => ({ text: word, ...NO_FORM }))
  return {
    isEnglish,
    words: words.map((word) => word.text),
    forms: words,
    plain,
    written:
      shouts && raw.length > 2
        ? []
        : sentences.flatMap((words) => words.map((text, at) => ({ text, isFirst: at === 0 }))),
    isAsked: /\?["')\]\s]*$/.test(bare),
    quoted,
    numbers: numbersIn(isEnglish ? words.map((word) => word.text) : tokens.flat()),
    symbols: tokens.flat().filter(isSymbol),
    names: shouts ? [] : sentences.flatMap((sentence) => sentence.slice(1).filter(isName)).map(lower),
  }
}

function lower(word: string): string {
  return word.toLowerCase()
}

function plainWordings(sentences: readonly (readonly string[])[], isOfWords: boolean): Word[] {
  const said = sentences.map((tokens) => plainWording(tokens, isOfWords)).filter((sentence) => sentence.length > 0)
  return said.flatMap((sentence, at) => (at === 0 ? sentence : [{ text: '.', ...NO_FORM }, ...sentence]))
}

// An indented line is code, or quoted in some other way.
const QUOTED = /```[\s\S]*?```|^(?:\t| {2}).*\S.*$|`[^`]+`|"[^"]+"|(?<=^|[\s(])'[^']+'(?=$|[\s.,!?;:)])/gm

/** Removes quoted text, and leaves a word in its place that no text has. */
function takeQuoted(text: string): { bare: string; quoted: string[] } {
  const quoted: string[] = []
  const bare = text.replace(QUOTED, (found) => {
    quoted.push(found.replace(/^[`'"]+|[`'"]+$/g, ''))
    return ` \u0001${quoted.length} `
  })
  return { bare, quoted }
}

/** "In Python, how …": what comes before the comma is moved to the end. */
const FRONTED = /^(in|on|with|using|for|at) ([^,.?!]{1,40}), ([^?!]+?)[?.!\s]*$/i

function wordsOf(sentence: string): string[] {
  return sentence
    .trim()
    .replace(FRONTED, (_all, word: string, what: string, rest: string) => `${rest} ${word.toLowerCase()} ${what}`)
    .split(/\s+/)
    .map(withoutMarks)
    .filter((word) => word !== '')
}

/** A word without the punctuation around it. Punctuation alone (`;`, `..`) stays, unless it ends a sentence. */
function withoutMarks(word: string, at: number, words: readonly string[]): string {
  if (!/[\p{L}\p{N}]/u.test(word)) return at === words.length - 1 && /^[.!?…]+$/.test(word) ? '' : word
  let end = word.length
  while (TRAILING.test(word[end - 1] ?? '') || isClosing(word, end - 1)) end--
  return word.slice(0, end).replace(/^(?:["'¿¡]|\((?=\p{L}))+/u, '')
}

const TRAILING = /["'.,!?;:…。？！、，]/

/** Whether a bracket closes "(in Paris)", and not "(1, 2)". */
function isClosing(word: string, at: number): boolean {
  return word[at] === ')' && /\p{L}[.!?]?$/u.test(word.slice(Math.max(0, at - 3), at))
}

function isProbablyEnglish(text: string, plain: readonly string[]): boolean {
  // Names and borrowed words may have accents. Another script is another language.
  if (/[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u.test(text)) return false
  const accented = plain.filter((word) => /[^\p{ASCII}]/u.test(word)).length
  const linking = plain.flatMap(contracted).filter((word) => LINKING.has(word)).length
  const foreign = plain.filter((word) => FOREIGN.has(word) && !LINKING.has(word)).length
  return linking > 0 && linking > foreign + accented
}

function numbersIn(tokens: readonly string[]): (readonly [string, string])[] {
  return tokens.flatMap((token, at) => {
    if (!/^[-+]?\d/.test(token)) return []
    const unit = stem(tokens[at + 1] ?? '')
    return [[token, SYNONYMS.get(unit) ?? unit] as const]
  })
}

function isSymbol(token: string): boolean {
  if (/\p{Ll}\p{Lu}/u.test(token)) return true
  return !/^\p{L}[\p{L}']*$/u.test(token) && !/^[-+]?\d/.test(token) && token !== "'s" && !token.startsWith('\u0001')
}

function isName(word: string): boolean {
  return /^\p{Lu}/u.test(word) && !/^I(?:'|$)/.test(word)
}
