import { CASED, SYNONYMS } from './words.ts'

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

/** "One" is missing, since it is a pronoun as well. */
const NUMBER_WORDS: ReadonlyMap<string, string> = new Map(
  'zero . two three four five six seven eight nine ten eleven twelve'.split(' ').map((word, at) => [word, String(at)]),
)
const CURRENCIES: Readonly<Record<string, string>> = { $: 'dollar', '€': 'euro', '£': 'pound', '¥': 'yen' }

/** The position of a word. */
interface Place {
  /** Whether it begins a sentence, where a capital means nothing. */
  readonly isFirst: boolean
  /** Whether the text may be about words themselves, which are then left unchanged. */
  readonly isOfWords: boolean
}

/** Splits a word into tokens: numbers from their units, contractions into words. Plain words are in lower case. */
export function tokensOf(word: string, { isFirst, isOfWords }: Place): string[] {
  if (/^[\p{L}]+(?:-[\p{L}]+)+$/u.test(word))
    return word.split('-').flatMap((part, at) => tokensOf(part, { isFirst: isFirst && at === 0, isOfWords }))
  const amount = /^([$€£¥])?([-+]?\d[\d,]*(?:\.\d+)?)([%\p{L}]*)$/u.exec(word)
  if (amount !== null) return amountOf(amount)
  if (!/^\p{L}[\p{L}']*$/u.test(word)) return [word]
  const lower = word.toLowerCase()
  const number = NUMBER_WORDS.get(lower)
  if (number !== undefined && !isOfWords) return [number]
  // With a capital inside, or if a capital changes its meaning, the word is taken literally.
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

/** The words of a contraction, in lower case: `can not` for `can't`; a possessive `'s` is a word of its own. */
export function contracted(lower: string): string[] {
  for (const [pattern, long] of CONTRACTIONS) {
    if (pattern.test(lower)) return lower.replace(pattern, long).split(' ')
  }
  return lower.endsWith("'s") || lower.endsWith("s'") ? [lower.replace(/'s?$/, ''), "'s"] : [lower]
}
