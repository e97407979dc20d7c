import { ACRONYMS, CASED, FOREIGN, LINKING, QUESTION_WORDS } from './words.ts'

/** A word of a text, as written. */
export interface Written {
  readonly text: string
  /** Whether it begins a sentence, where a capital means nothing. */
  readonly isFirst: boolean
}

/**
 * Whether a word in both texts is written in different case, and may mean something else: `Mb` and `MB`, `x` and `X`,
 * `us` and `US`. Names in lower case are accepted: "albert" is "Albert".
 */
export function isOtherCase(a: readonly Written[], b: readonly Written[]): boolean {
  const [one, other] = [formsOf(a), formsOf(b)]
  return [...one].some(([word, forms]) => {
    const others = other.get(word)
    return others !== undefined && !(haveEach(forms, others) && haveEach(others, forms))
  })
}

function formsOf(written: readonly Written[]): Map<string, Written[]> {
  const forms = new Map<string, Written[]>()
  for (const word of written) {
    const lower = word.text.toLowerCase()
    const known = forms.get(lower)
    if (known === undefined) forms.set(lower, [word])
    else known.push(word)
  }
  return forms
}

/** Whether each of `forms` may stand for one of `others`. */
function haveEach(forms: readonly Written[], others: readonly Written[]): boolean {
  return forms.every((form) => others.some((other) => isSameCase(form, other)))
}

function isSameCase(a: Written, b: Written): boolean {
  if (a.text === b.text) return true
  const lower = a.text.toLowerCase()
  if (ACRONYMS.has(lower)) return isWhole(a.text) && isWhole(b.text)
  return isSmall(a, lower) && isSmall(b, lower)
}

/** `sql`, `SQL` or `Sql`, not `sQL`. */
function isWhole(text: string): boolean {
  return text === text.toUpperCase() || text.slice(1) === text.slice(1).toLowerCase()
}

/** Whether a word may be written in lower case without changing its meaning. */
function isSmall({ text, isFirst }: Written, lower: string): boolean {
  if (text === lower || /^I(?:'|$)/.test(text)) return true
  // More than one capital, or a short word that may be a unit or a symbol.
  if (text.slice(1) !== lower.slice(1)) return false
  if (isFirst && [LINKING, FOREIGN, QUESTION_WORDS].some((words) => words.has(lower))) return true
  return lower.length > 3 && !CASED.has(lower)
}
