import type { MatchRefusal } from '../base/reasons.ts'
import { NO_FORM } from './plain-wording.ts'
import { type Reading, readingOf } from './reading.ts'
import { isOtherCase } from './letter-case.ts'
import { isTemplate } from './unfit.ts'
import { CASED, NEGATIONS, OPPOSITES, QUANTITIES, QUESTION_WORDS, SUBJECTS } from './words.ts'

/** Reasons why two texts are not accepted as the same question. */
export type GuardRule = Exclude<MatchRefusal, 'template' | 'guard' | 'verify' | 'rejected'>

interface NamedRule {
  readonly name: GuardRule
  /** Whether the rule rejects the pair. */
  differs(a: Reading, b: Reading): boolean
}

/** Least similarity of a pair in a language without word lists. */
const OTHER_LANGUAGES = 0.97

/**
 * The first rule that applies is the reason that is counted. `words` would reject nearly every pair that the rules
 * before it do, but those give a better reason. Rules are needed because a vector shows what a text is about, but
 * hardly what it says.
 */
const RULES: readonly NamedRule[] = [
  // "in 3 days", "in 5 days": almost equal vectors, but different answers.
  { name: 'numbers', differs: (a, b) => !isSameBag(a.numbers.map(first), b.numbers.map(first)) },
  // "5 miles", "5 km".
  { name: 'units', differs: (a, b) => !isSameBag(a.numbers.map(joined), b.numbers.map(joined)) },
  // Quoted text is meant literally: text to translate, code to explain.
  { name: 'quoted', differs: (a, b) => !isSameList(a.quoted, b.quoted) },
  // `config.dev.yaml`, `config.prod.yaml`; a URL, an identifier, `>=`.
  { name: 'symbols', differs: (a, b) => !isSameBag(a.symbols, b.symbols) },
  // "in Paris", "in Rome".
  { name: 'names', differs: (a, b) => !hasAll(a.names, b) || !hasAll(b.names, a) },
  // "can", "can't".
  { name: 'negation', differs: (a, b) => !isSameBag(among(a, NEGATIONS), among(b, NEGATIONS)) },
  // "enable", "disable": words that occur in the same sentences, so their vectors are near.
  { name: 'opposites', differs: hasOpposites },
  // "all files", "some files".
  { name: 'quantity', differs: (a, b) => !isSameBag(among(a, QUANTITIES), among(b, QUANTITIES)) },
  // "when", "why"; "it works", "it works?".
  {
    name: 'question',
    differs: (a, b) => !isSameBag(among(a, QUESTION_WORDS), among(b, QUESTION_WORDS)) || isAskedOnce(a, b),
  },
  // "dollars to euros", "euros to dollars".
  { name: 'order', differs: (a, b) => !isSameList(a.words, b.words) && isSameBag(a.words, b.words) },
  // "…, without losing data".
  { name: 'clause', differs: (a, b) => holdsMore(a.words, b.words) || holdsMore(b.words, a.words) },
  // An unknown word may be a name, or the point of the question.
  { name: 'words', differs: (a, b) => !isSameList(a.words, b.words) },
  // "100 Mb", "100 MB"; "us", "US".
  { name: 'case', differs: (a, b) => isOtherCase(a.written, b.written) },
  // "a list", "the list"; "the best book", "the best books".
  { name: 'form', differs: (a, b) => a.words.some((_, at) => isOtherForm(a, b, at) || isOtherForm(b, a, at)) },
]

/**
 * Why two texts are not accepted as the same question; `undefined` if they are. In case of doubt they are not: both
 * must have the same words in the same order, apart from wordings known to mean the same. `similarity` is the cosine of
 * their vectors.
 */
export function guardRule(a: string, b: string, similarity: number): GuardRule | undefined {
  const [one, other] = [readingOf(a), readingOf(b)]
  const isKnown = one.isEnglish && other.isEnglish
  if (!isKnown && similarity < OTHER_LANGUAGES) return 'language'
  const [left, right] = isKnown ? [one, other] : [toTheWord(one), toTheWord(other)]
  return RULES.find(({ differs }) => differs(left, right))?.name
}

const FACTS: readonly NamedRule[] = RULES.filter(({ name }) => /^(?:numbers|units|negation|opposites)$/.test(name))

/**
 * Whether two answers differ in something that embeddings hardly show: numbers, units, a negation, a word and its
 * opposite. Answers may be worded in many ways, so the guard's other rules don't apply.
 */
export function differInFacts(a: string, b: string): boolean {
  const [one, other] = [readingOf(a), readingOf(b)]
  return FACTS.some(({ differs }) => differs(one, other))
}

/** Whether a pair passes all default checks but the threshold. */
export function isLetThrough(a: string, b: string, similarity: number): boolean {
  return a === b || (!isTemplate(a, b) && guardRule(a, b, similarity) === undefined)
}

/**
 * In a language without word lists, words are compared literally. Only the punctuation around them is ignored, and
 * capitals where they mean nothing.
 */
function toTheWord(reading: Reading): Reading {
  return { ...reading, words: reading.plain, forms: reading.plain.map(() => NO_FORM) }
}

/** Whether the article or number of a word in `a` means something else than in `b`, which has the same words. */
function isOtherForm(a: Reading, b: Reading, at: number): boolean {
  const [one, other] = [a.forms[at], b.forms[at]]
  if (one === undefined || other === undefined) return true
  if (one.isPlural !== other.isPlural) return one.isPlural && !isCounted(a, at) && !isAnyOf(a, b, at)
  // If `a` has no article, the caller also asks with `a` and `b` swapped.
  if (one.article === other.article || one.article === '') return false
  if (other.article !== '') return true
  return !isDispensable(a, at) && !(one.article === 'a' && isManyBehind(b, a, at))
}

/** "A black hole", "black holes": the article is before a word whose noun is plural in the other text. */
function isManyBehind(a: Reading, b: Reading, at: number): boolean {
  return [at + 1, at + 2].some((place) => a.forms[place]?.isPlural === true && b.forms[place]?.isPlural === false)
}

/** "5 miles", "5 mile". */
function isCounted({ words }: Reading, at: number): boolean {
  return /^[-+]?\d/.test(words[at - 1] ?? '')
}

/**
 * Plural in `a`, singular in `b`: "dogs", "a dog"; "red dogs", "a red dog". Never "the dogs", nor in a task: "write
 * poems".
 */
function isAnyOf(a: Reading, b: Reading, at: number): boolean {
  if (!/^\?(?:how|what|works)$/.test(a.words[0] ?? '')) return false
  const near = [at, at - 1, at - 2]
  return (
    near.some((place) => b.forms[place]?.article === 'a') && near.every((place) => a.forms[place]?.article !== 'the')
  )
}

/** "How do I sort list", "what is capital of France". Elsewhere an article matters: "the matter" is not "matter". */
function isDispensable({ words, forms }: Reading, at: number): boolean {
  const isNamed = words[0] === '?what' && forms[at]?.article === 'the' && words.indexOf('of', at) !== -1
  return words[0] === '?how' || isNamed
}

/**
 * Whether only one text is a question and the other is a statement. "Capital of France" asks the same with and without
 * a mark.
 */
function isAskedOnce(a: Reading, b: Reading): boolean {
  return a.isAsked !== b.isAsked && (isStatement(a) || isStatement(b))
}

/**
 * Whether it is a statement. "I would like to know how …" is not, though it begins like one: its first word is `?how`.
 */
function isStatement({ plain, words }: Reading): boolean {
  return SUBJECTS.has(plain[0] ?? '') && words[0]?.startsWith('?') !== true
}

function first([number]: readonly [string, string]): string {
  return number
}

function joined(pair: readonly [string, string]): string {
  return pair.join(' ')
}

function among({ words }: Reading, list: ReadonlySet<string>): string[] {
  return words.filter((word) => list.has(word))
}

/** Whether the other text has all names. It may write one in lower case, unless that is another word. */
function hasAll(names: readonly string[], { words, plain }: Reading): boolean {
  return names.every(
    (name) => CASED.has(name) || plain.includes(name) || words.includes(name) || isPossessive(name, plain),
  )
}

function isPossessive(name: string, plain: readonly string[]): boolean {
  const bare = name.replace(/'s?$/, '')
  return plain.some((word) => word.replace(/'s?$/, '') === bare)
}

function hasOpposites(a: Reading, b: Reading): boolean {
  const [onlyA, onlyB] = [without(a.words, b.words), without(b.words, a.words)]
  return onlyA.some((word) => {
    const scale = OPPOSITES.get(word)
    return scale !== undefined && onlyB.some((other) => OPPOSITES.get(other) === scale)
  })
}

function without(words: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others)
  return words.filter((word) => !known.has(word))
}

/** Whether `more` has all of `words`, and others. */
function holdsMore(more: readonly string[], words: readonly string[]): boolean {
  return more.length > words.length && without(words, more).length === 0
}

function isSameBag(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && isSameList(a.toSorted(), b.toSorted())
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at])
}
