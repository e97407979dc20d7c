import { rewrite } from './rewrites.ts'
import { CASED, EMPTY, FOREIGN, LINKING, NO_PLURALS, PHRASES, SYNONYMS } from './words.ts'

/** What the guard sees of a text. */
export interface Reading {
  /** Whether it is English, as far as can be told. Else `words` are those of the text, in small letters. */
  readonly isEnglish: boolean
  /** What the text says, word by word, in the same words for all ways to say it. */
  readonly words: readonly string[]
  /** The text's own words in small letters, less the marks around them. */
  readonly plain: readonly string[]
  /** What stands in quotes or in marks of code, to the letter. */
  readonly quoted: readonly string[]
  /** Numbers, each with the word behind it: its unit. */
  readonly numbers: readonly (readonly [number: string, unit: string])[]
  /** URLs, file names, identifiers, and whatever else is no plain word, to the letter. */
  readonly symbols: readonly string[]
  /** Words with a capital that no sentence begins with, in small letters. */
  readonly names: readonly string[]
}

/** Takes a text apart for the guard. */
export function readText(text: string): Reading {
  const { bare, quoted } = takeQuoted(
    text
      .normalize('NFC')
      .replace(/[‘’ʼ]/g, "'")
      .replace(/[“”«»„]/g, '"'),
  )
  const sentences = bare.split(/(?<=[.!?])\s+|\n+/).map(wordsOf)
  const raw = sentences.flat()
  const shouts = raw.some(({ length }) => length > 3) && bare === bare.toUpperCase()
  const plain = raw.map((word) => word.toLowerCase())
  const isEnglish = isProbablyEnglish(bare, plain)
  const tokens = sentences.map((sentence) =>
    sentence.flatMap((word, at) => tokensOf(shouts ? word.toLowerCase() : word, at === 0)),
  )
  const said = tokens.map(sayPlainly).filter((sentence) => sentence.length > 0)
  return {
    isEnglish,
    words: isEnglish ? said.flatMap((sentence, at) => (at === 0 ? sentence : ['.', ...sentence])) : plain,
    plain,
    quoted,
    numbers: numbersIn(tokens.flat()),
    symbols: tokens.flat().filter(isSymbol),
    names: shouts
      ? []
      : sentences.flatMap((sentence) =>
          sentence
            .slice(1)
            .filter(isName)
            .map((name) => name.toLowerCase()),
        ),
  }
}

const QUOTED = /```[\s\S]*?```|`[^`]+`|"[^"]+"|(?<=^|[\s(])'[^']+'(?=$|[\s.,!?;:)])/g

/** In their place stands one word that can be told from all others. */
function takeQuoted(text: string): { bare: string; quoted: string[] } {
  const quoted: string[] = []
  const bare = text.replace(QUOTED, (found) => {
    quoted.push(found.replace(/^[`'"]+|[`'"]+$/g, ''))
    return ` \u0001${quoted.length} `
  })
  return { bare, quoted }
}

/** What stands before a comma at the beginning, "In Python, …", goes to the end. */
const FRONTED = /^(in|on|with|using|for|at) ([^,.?!]{1,40}), ([^?!]+?)[?.!\s]*$/i

function wordsOf(sentence: string): string[] {
  return sentence
    .trim()
    .replace(FRONTED, (_all, word: string, what: string, rest: string) => `${rest} ${word.toLowerCase()} ${what}`)
    .split(/\s+/)
    .map((word) => word.replace(/^[([{"'¿¡]+|[\])}"'.,!?;:…。？！、，]+$/g, ''))
    .filter((word) => word !== '')
}

function isProbablyEnglish(text: string, plain: readonly string[]): boolean {
  // A name or a borrowed word may have an accent. Another script is another language.
  if (/[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u.test(text)) return false
  const accented = plain.filter((word) => /[^\p{ASCII}]/u.test(word)).length
  const linking = plain.filter((word) => LINKING.has(word)).length
  const foreign = plain.filter((word) => FOREIGN.has(word) && !LINKING.has(word)).length
  return linking > 0 && linking > foreign + accented
}

const CONTRACTIONS: readonly (readonly [RegExp, string])[] = [
  [/^(?:can't|cannot)$/, 'can not'],
  [/^won't$/, 'will not'],
  [/^shan't$/, 'shall not'],
  [/^ain't$/, 'is not'],
  [/n't$/, ' not'],
  [/^i'm$/, 'i am'],
  [/'re$/, ' are'],
  [/'ve$/, ' have'],
  [/'ll$/, ' will'],
  [/^(i|you|we|they)'d$/, '$1 would'],
  [/^(what|how|who|where|when|why|it|that|there|he|she|here)'s$/, '$1 is'],
  [/^let's$/, 'let us'],
]

const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve'
    .split(' ')
    .map((word, at) => [word, String(at)]),
)
const CURRENCIES: Readonly<Record<string, string>> = { $: 'dollar', '€': 'euro', '£': 'pound', '¥': 'yen' }

/** A word as one or more tokens. Plain words are in small letters, all others as they came. */
function tokensOf(word: string, isFirst: boolean): string[] {
  if (/^[\p{L}]+(?:-[\p{L}]+)+$/u.test(word))
    return word.split('-').flatMap((part, at) => tokensOf(part, isFirst && at === 0))
  const amount = /^([$€£¥])?([-+]?\d[\d,]*(?:\.\d+)?)([%\p{L}]*)$/u.exec(word)
  if (amount !== null) return amountOf(amount)
  if (!/^\p{L}[\p{L}']*$/u.test(word)) return [word]
  const lower = word.toLowerCase()
  const number = NUMBER_WORDS.get(lower)
  if (number !== undefined) return [number]
  // A capital inside, or a word that means something else with one: to the letter.
  if (/\p{Ll}\p{Lu}/u.test(word)) return [SYNONYMS.has(lower) ? lower : word]
  if (CASED.has(lower) && word !== lower && !isFirst) return [word]
  if (lower === 'dr' || lower === 'st') return [lower]
  return contracted(lower)
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

/** One sentence less what says nothing, in the one wording of several that ask the same. */
function sayPlainly(tokens: readonly string[]): string[] {
  const rewritten = rewrite(tokens.join(' ')).split(' ')
  const words = rewritten.filter((word, at) => word !== '' && (!EMPTY.has(word) || isCounting(word, rewritten[at + 1])))
  return replaceAll(ofPossessive(words), PHRASES)
    .map(stem)
    .map((word) => SYNONYMS.get(word) ?? word)
}

/** "A few" is some, "few" is hardly any. */
function isCounting(word: string, next = ''): boolean {
  return word === 'a' && /^(?:few|little)$/.test(next)
}

function startsWith(words: readonly string[], phrase: readonly string[]): boolean {
  return phrase.length <= words.length && phrase.every((word, at) => words[at] === word)
}

function replaceAll(words: readonly string[], phrases: typeof PHRASES): string[] {
  const result: string[] = []
  for (let at = 0; at < words.length;) {
    const rest = words.slice(at, at + 5)
    const found = phrases.find(({ phrase }) => startsWith(rest, phrase))
    result.push(...(found?.stands ?? [words[at] ?? '']))
    at += found?.phrase.length ?? 1
  }
  return result
}

/** "France's capital" at the end of a sentence is "capital of France". */
function ofPossessive(words: readonly string[]): readonly string[] {
  const at = words.indexOf("'s")
  const owned = words.slice(at + 1)
  const owner = words[at - 1]
  if (at < 1 || owner === undefined || owned.length === 0 || owned.length > 3) return words
  if (owned.some((word) => LINKING.has(word) || word === "'s")) return words
  return [...words.slice(0, at - 1), ...owned, 'of', owner]
}

/** Plurals, in their plainest forms. */
function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+s$/.test(word) || /(?:ss|us|is)$/.test(word) || NO_PLURALS.has(word)) return word
  if (/(?:ies)$/.test(word) && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:sses|shes|ches|xes|zes)$/.test(word)) return word.slice(0, -2)
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
