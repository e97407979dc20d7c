/** One wording and the plainer one. Both are small letters without marks. */
type Rewrite = readonly [pattern: RegExp, plainly: string]

const ME = '(?:i|you|we|one|someone|people)'
const CAN = '(?:do|does|can|could|should|would|might)'
const TASK = `(?=(?:tell|explain|describe|define|show|list|give|write|summarize|summarise|translate|compare|suggest|recommend|provide|help|generate|name)\\b)`

/** What a sentence may begin or end with and say nothing. */
const EMPTY_WORDS: readonly Rewrite[] = [
  [/^(?:(?:hi|hello|hey)(?: there)?|please|kindly|ok|okay|so|well|quick question) /, ''],
  [/ (?:please|thanks|thank you|thx)$/, ''],
  [/^(?:thanks|thank you|hi|hello|hey|thx|thanks a lot)(?: in advance| so much| very much)?$/, ''],
]

/** Beginnings that ask for an answer, and leave open which. */
const REQUESTS: readonly Rewrite[] = [
  [new RegExp(`^(?:can|could|would|will) you (?:please |kindly )?${TASK}`), ''],
  [new RegExp(`^i (?:would like|want|need) you to (?:please )?${TASK}`), ''],
  [/^(?:please )?(?:can|could) (?:you|someone|anyone|anybody) (?=(?:explain|tell))/, ''],
  [/^i (?:would like|would love|want|need) to (?:know|understand|learn) (?:about (?=(?:how|what|why)\b))?/, '?tell '],
  [
    /^i (?:am|was) (?:wondering|curious|trying to understand|trying to find out) (?:about (?=(?:how|what|why)\b))?/,
    '?tell ',
  ],
  [
    /^(?:do you know|i wonder|let me know|do you happen to know) (?=(?:how|what|why|where|when|who|which|the)\b)/,
    '?tell ',
  ],
  [/^help me (?:to )?understand /, '?tell '],
  [/^explain (?:to me )?(?=(?:how|what|why|where|when|who|which)\b)/, '?tell '],
  [/^explain to me /, 'explain '],
  [/^(?:show|teach|tell|describe to|describe) (?:me |us )?(?=(?:how|what|why|where|when|who|which)\b)/, '?tell '],
  [/^(?:give|tell) me (?=(?:the|about)\b)/, '?tell '],
]

/** After such a beginning a question has the order of a statement. */
const INDIRECT: readonly Rewrite[] = [
  [/^\?tell (what|who|where|when|which) (the .+|[a-z]+) (is|are|was|were)$/, '$1 $3 $2'],
  [/^\?tell how (.+) works?$/, '?works $1'],
  [/^\?tell (?:about )?the /, 'what is the '],
  [/^\?tell about /, 'what is '],
  [/^\?tell /, ''],
]

/** Questions that ask for the same. */
const QUESTIONS: readonly Rewrite[] = [
  [/^how (?:do|does) (.+) work$/, '?works $1'],
  [new RegExp(`^how (?:${CAN} ${ME}|${ME} (?:can|could|should|would|might)|to)(?: go about| best)? `), '?how '],
  [
    /^(?:what|which) is (?:a|the) (?:(?:best|right|correct|proper|good|recommended) )?(?:way|method) (?:for (?:me|you) )?to /,
    '?how ',
  ],
  [/^what are the (?:right |correct |necessary |required )?steps (?:i (?:need|have) to take )?to /, '?how '],
  [new RegExp(`^what steps (?:do|should|must|can) ${ME} (?:need to |have to )?(?:take|follow) to `), '?how '],
  [new RegExp(`^what (?:do ${ME} (?:need|have) to|should ${ME}|must ${ME}) do to `), '?how '],
  [/^(?:the )?(?:best |right |correct )?way to /, '?how '],
  [/^what does (.+) mean$/, '?what the meaning of $1'],
  [/^how much (?:does|do) (.+) cost$/, '?what the cost of $1'],
  [/^(?:what|which) (?:is|are) the price of /, '?what the cost of '],
  [/^what (?:is|are) the reasons? (?:why|that|for which) /, '?why '],
  [/^(?:what|which) (?:is|are) (?:meant by )?/, '?what '],
  [/^(?:define|explain|describe) /, '?what '],
]

/** Nobody's own password is meant in "how do I reset my password"; whose it is goes with the one who asks. */
const PERSONS: readonly Rewrite[] = [
  [/^how (?:do|can|could|should|would|might) (?:i|we)(?= ).*/, 'my our'],
  [/^how (?:i|we) (?:can|could|should|would|might)(?= ).*/, 'my our'],
  [/^how (?:do|can|could|should|would|might) you(?= ).*/, 'your'],
  [/.*\bsteps? .*\b(?:i|we)\b.*/, 'my our'],
]

/** Says one sentence (small letters, one space between words) the way that many others say the same. */
export function rewrite(sentence: string): string {
  let text = sentence
  for (const table of [EMPTY_WORDS, REQUESTS, EMPTY_WORDS, INDIRECT]) text = apply(table, text)
  const asked = apply(QUESTIONS, text)
  return asked.startsWith('?how ') ? impersonal(asked, text) : asked
}

function apply(table: readonly Rewrite[], text: string): string {
  for (const [pattern, plainly] of table) text = text.replace(pattern, plainly)
  return text
}

function impersonal(asked: string, question: string): string {
  const person = PERSONS.find(([pattern]) => pattern.test(question))
  const own = new Set((person?.[1] ?? 'my your').split(' '))
  return asked
    .split(' ')
    .filter((word) => !own.has(word))
    .join(' ')
}
