import type { Written } from './letter-case.ts'
import { rewrite } from './rewrites.ts'
import { americanSpelling, CASED, FOREIGN, LINKING, NO_PLURALS, OF_WORDS, PHRASES, SYNONYMS } from './words.ts'

/** What the guard sees of a text. */
export interface Reading {
  /** Whether it seems to be English, and is not long. Otherwise `words` are the text's own words in small letters. */
  readonly isEnglish: boolean
  /** The text in plainer words. Texts that say the same in other words have the same words here. */
  readonly words: readonly string[]
  /** The article and number of each of {@link words}. */
  readonly forms: readonly Form[]
  /** The text's own words in small letters, without the marks around them. */
  readonly plain: readonly string[]
  /** The text's own words as they are written. None where all of a sentence is in capitals, which then say nothing. */
  readonly written: readonly Written[]
  /** Whether it ends with a question mark. */
  readonly isAsked: boolean
  /** What stands in quotes, in marks of code or on an indented line, to the letter. */
  readonly quoted: readonly string[]
  /** Numbers, each with the word behind it: its unit. */
  readonly numbers: readonly (readonly [number: string, unit: string])[]
  /** URLs, file names, identifiers, and whatever else is not a plain word, to the letter. */
  readonly symbols: readonly string[]
  /** Words with a capital that no sentence begins with, in small letters. */
  readonly names: readonly string[]
}

/** The article and number of a word. */
export interface Form {
  /** The article before it: `a`, `the` or none. */
  readonly article: string
  readonly isPlural: boolean
}

interface Word extends Form {
  readonly text: string
}

/** A singular without an article. */
export const NO_FORM: Form = { article: '', isPlural: false }

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

/** A mark that ends a sentence follows a word. A mark that stands alone is what the text is about. */
const SENTENCE_END = /(?<=[\p{L}\p{N}"')\]][.!?]+)\s+|\n+/u

/** UTF-16 units. A longer text is compared word by word as it is: few long texts ask the same in other words. */
const LONG = 1_000

/** Takes a text apart for the guard. */
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
  const words = isEnglish ? sayAllPlainly(tokens, isOfWords) : plain.map((word) => ({ text: word, ...NO_FORM }))
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

function sayAllPlainly(sentences: readonly (readonly string[])[], isOfWords: boolean): Word[] {
  const said = sentences.map((tokens) => sayPlainly(tokens, isOfWords)).filter((sentence) => sentence.length > 0)
  return said.flatMap((sentence, at) => (at === 0 ? sentence : [{ text: '.', ...NO_FORM }, ...sentence]))
}

// An indented line is code, or quoted in some other way.
const QUOTED = /```[\s\S]*?```|^(?:\t| {2}).*\S.*$|`[^`]+`|"[^"]+"|(?<=^|[\s(])'[^']+'(?=$|[\s.,!?;:)])/gm

/** Takes out what is quoted. A word that no text has stands in its place. */
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

/** A word without the marks around it. Marks alone (`;`, `..`) stay, unless they end a sentence. */
function withoutMarks(word: string, at: number, words: readonly string[]): string {
  if (!/[\p{L}\p{N}]/u.test(word)) return at === words.length - 1 && /^[.!?…]+$/.test(word) ? '' : word
  let end = word.length
  while (TRAILING.test(word[end - 1] ?? '') || isClosing(word, end - 1)) end--
  return word.slice(0, end).replace(/^(?:["'¿¡]|\((?=\p{L}))+/u, '')
}

const TRAILING = /["'.,!?;:…。？！、，]/

/** The end of "(in Paris)", not of "(1, 2)". */
function isClosing(word: string, at: number): boolean {
  return word[at] === ')' && /\p{L}[.!?]?$/u.test(word.slice(Math.max(0, at - 3), at))
}

function isProbablyEnglish(text: string, plain: readonly string[]): boolean {
  // A name or a borrowed word may have an accent. Another script is another language.
  if (/[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u.test(text)) return false
  const accented = plain.filter((word) => /[^\p{ASCII}]/u.test(word)).length
  const linking = plain.flatMap(contracted).filter((word) => LINKING.has(word)).length
  const foreign = plain.filter((word) => FOREIGN.has(word) && !LINKING.has(word)).length
  return linking > 0 && linking > foreign + accented
}

const CONTRACTIONS: readonly (readonly [RegExp, string])[] = [
  [/^(?:can't|cannot)$/, 'can not'],
  [/^won't$/, 'will not'],
  [/^shan't$/, 'shall not'],
  [/^ain't$/, 'is not'],
  [/n't$/, ' not'],
  [/^(do|does|did|is|are|was|were|could|should|would|have|has)nt$/, '$1 not'],
  [/^cant$/, 'can not'],
  [/^(what|how|where|who)s$/, '$1 is'],
  [/^i'?m$/, 'i am'],
  [/^ive$/, 'i have'],
  [/'re$/, ' are'],
  [/'ve$/, ' have'],
  [/'ll$/, ' will'],
  [/^(i|you|we|they)'d$/, '$1 would'],
  [/^(what|how|who|where|when|why|it|that|there|he|she|here)'s$/, '$1 is'],
  [/^let's$/, 'let us'],
]

const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  'zero . two three four five six seven eight nine ten eleven twelve'.split(' ').map((word, at) => [word, String(at)]), // "one" is a pronoun, too
)
const CURRENCIES: Readonly<Record<string, string>> = { $: 'dollar', '€': 'euro', '£': 'pound', '¥': 'yen' }

/** Where a word stands. */
interface Place {
  /** At the beginning of a sentence, where a capital says nothing. */
  readonly isFirst: boolean
  /** In a text that may be about words themselves: they are left as they are. */
  readonly isOfWords: boolean
}

/** A word as one or more tokens. Plain words are in small letters, all others as they came. */
function tokensOf(word: string, { isFirst, isOfWords }: Place): string[] {
  if (/^[\p{L}]+(?:-[\p{L}]+)+$/u.test(word))
    return word.split('-').flatMap((part, at) => tokensOf(part, { isFirst: isFirst && at === 0, isOfWords }))
  const amount = /^([$€£¥])?([-+]?\d[\d,]*(?:\.\d+)?)([%\p{L}]*)$/u.exec(word)
  if (amount !== null) return amountOf(amount)
  if (!/^\p{L}[\p{L}']*$/u.test(word)) return [word]
  const lower = word.toLowerCase()
  const number = NUMBER_WORDS.get(lower)
  if (number !== undefined && !isOfWords) return [number]
  // A capital inside, or a word that means something else with one: to the letter.
  if (/\p{Ll}\p{Lu}/u.test(word)) return [SYNONYMS.has(lower) ? lower : word]
  if (CASED.has(lower) && word !== lower && !isFirst) return [word]
  if (lower === 'dr' || lower === 'st') return [lower]
  return isOfWords && !lower.includes("'") ? [lower] : contracted(lower)
}

function amountOf([, currency = '', number = '', unit = '']: readonly string[]): string[] {
  const plain = /^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/.test(number) ? number.replaceAll(',', '') : number
  const units = unit === '' ? [] : [unit === '%' ? 'percent' : unit]
  return [plain, ...units, ...(currency === '' ? [] : [CURRENCIES[currency] ?? currency])]
}

function contracted(lower: string): string[] {
  for (const [pattern, long] of CONTRACTIONS) {
    if (pattern.test(lower)) return lower.replace(pattern, long).split(' ')
  }
  return lower.endsWith("'s") || lower.endsWith("s'") ? [lower.replace(/'s?$/, ''), "'s"] : [lower]
}

/** A sentence without words that say nothing. Sentences that ask the same in other words become one wording. */
function sayPlainly(tokens: readonly string[], isOfWords: boolean): Word[] {
  const words = withForms(rewrite(tokens.join(' ')).split(' '))
  if (isOfWords) return words
  return replaceAll(ofPossessive(words), PHRASES).map((word) => ({ ...word, text: plainWord(word.text) }))
}

/** Takes articles out, and notes each at the word that follows it. */
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

/** "A few" is some, "few" is hardly any. */
function isCounting(word: string, next = ''): boolean {
  return word === 'a' && /^(?:few|little|lot)$/.test(next)
}

/** The one word of all that say the same, in its plainest form. */
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

/** The index at which an owner begins: at its article or `my`, `your` …; else at its last word. */
function startOfOwner(words: readonly Word[], last: number): number {
  const start = words.findLastIndex(({ text, article }, at) => at <= last && (article !== '' || WHOSE.test(text)))
  return start > 0 && last - start < 3 ? start : last
}

const WHOSE = /^(?:my|own|your|our|his|her|their)$/

/** Plurals, in their plainest forms. */
function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+s$/.test(word) || /(?:ss|us|is)$/.test(word) || NO_PLURALS.has(word)) return word
  if (/(?:ies)$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:sses|shes|ches|xes|zes)$/.test(word) && !/[^aeiou]aches$/.test(word)) return word.slice(0, -2)
  return word.slice(0, -1)
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
  return /^\p{Lu}/u.test(word) && !/^I(?:'|$)/.test(word) && /^\p{L}/u.test(word)
}
