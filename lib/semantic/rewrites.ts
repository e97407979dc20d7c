/** A wording and its replacement. Both are in lower case without punctuation. */
type Rewording = readonly [pattern: RegExp, plainly: string]

const ASKS = '(?:how|what|why|where|when|who|which)'
/** Words that may begin a question or a request. */
const BEGINS = `(?=(?:how|what|why|where|when|who|which|is|are|do|does|did|can|could|would|should|will|may|i|please|tell|explain|give|show|help)\\b)`
const GOOD = '(?:best|right|correct|proper|good|recommended)'
const TASK =
  'describe|define|show|list|give|write|summarize|summarise|translate|compare|suggest|recommend|provide|help|generate|name'
/** "Can you write poems?" asks what somebody is able to do, "can you write a poem?" asks for a poem. */
const A_TASK = `(?=(?:tell|explain|compare)\\b|(?:${TASK}) (?:me|us|a|an|the|this|that|these|those|my|our|some|how|what|why|\\d|\u0001))`

/** Words at the beginning or end of a sentence that have no meaning. */
const EMPTY_WORDS: readonly Rewording[] = [
  [new RegExp(`^(?:hi|hello|hey)(?: there| all| team| everyone| guys)? ${BEGINS}`), ''],
  [new RegExp(`^(?:ok|okay|so|well|quick question) ${BEGINS}`), ''],
  [/^(?:please|pls|plz|kindly) /, ''],
  [
    /(?<! (?:say|saying|write|spell|pronounce|sign|mean|means|is|word|words|a|the|to|of|for|with|and|or|use)) (?:please|pls|plz|thx|(?:thanks|thank you)(?: in advance| so much| very much| a lot)?)$/,
    '',
  ],
  [/^(?:hi|hello|hey|thx|(?:thanks|thank you)(?: in advance| so much| very much| a lot)?)$/, ''],
  [/ (?:actually|basically)(?= )/g, ''],
  [new RegExp(`^(${ASKS}) exactly `), '$1 '],
  [/ exactly$/, ''],
]

/** Beginnings that ask for an answer, whatever the question is. */
const REQUESTS: readonly Rewording[] = [
  [new RegExp(`^(?:can|could|would|will) you (?:please |kindly )?${A_TASK}`), ''],
  [new RegExp(`^i (?:would like|want|need) you to (?:please )?${A_TASK}`), ''],
  [/^(?:can|could) (?:someone|anyone|anybody) (?:please )?(?=(?:explain|tell))/, ''],
  [/^i (?:would like|would love|want|need) to (?:know|understand|learn) (?:about (?=(?:how|what|why)\b))?/, '?tell '],
  [
    /^i (?:am|was) (?:wondering|curious|trying to understand|trying to find out) (?:about (?=(?:how|what|why)\b))?/,
    '?tell ',
  ],
  [new RegExp(`^(?:do you know|i wonder|let me know|do you happen to know) (?=(?:${ASKS}|the)\\b)`), '?tell '],
  [/^(?:does |do )?(?:anyone|anybody|any of you) (?:here )?know (?=how\b)/, '?tell '],
  [/^(?:do you have )?any idea (?:about )?(?=how\b)/, '?tell '],
  [/^i (?:do not know|am not sure|can not figure out|have no idea) (?=how to )/, '?tell '],
  [new RegExp(`^help me (?:to )?understand (?=${ASKS}\\b)`), '?tell '],
  [/^help me (?:to )?understand /, 'explain '],
  [/^what (?:is|are) the reasons? (?:why|that|for which) /, '?tell why '],
  [new RegExp(`^explain (?:to me )?(?=${ASKS}\\b)`), '?tell '],
  [/^explain to me /, 'explain '],
  [new RegExp(`^(?:show|teach|tell|describe to|describe) (?:me |us )?(?=${ASKS}\\b)`), '?tell '],
  [/^(?:give|tell) me (?=the\b)/, '?tell '],
]

/** After such a beginning, a question has the word order of a statement. */
const INDIRECT: readonly Rewording[] = [
  [/^\?tell (what|who|where|when|which) (the .+|[a-z]+) (is|are|was|were)$/, '$1 $3 $2'],
  [/^\?tell how (.+) works?$/, '?works $1'],
  [/^\?tell why ((?:the |my |your )?[a-z]+) (is|are|was|were|can|has|have|will) /, 'why $2 $1 '],
  [
    /^\?tell (why|how) (?!(?:does|is|was|has|this|its)\b)([a-z]+s|i|we|you|they|people) (?!(?:is|are|was|were|can|could|will|would|should|do|did|has|have)\b)/,
    '$1 do $2 ',
  ],
  [/^\?tell the /, 'what is the '],
  [/^\?tell (?=about )/, 'tell me '],
  [/^\?tell /, ''],
]

/** Verbs for which "how do I", "how should I" and "how can I" ask different things. */
const STATE = '(?! (?:feel|look|think|be|seem|sound|know|react|act|die)\\b)'
/** Verbs for which "how do you" may ask how you do it yourself. */
const HABIT =
  '(?! (?:work|learn|see|like|love|want|believe|decide|remember|live|sleep|eat|write|read|teach|play|relax|cope|deal|celebrate|spend|help|charge|ship|bill|process|calculate|handle|verify|protect|store|keep|collect)\\b)'
const I = `(?:(?:do|does|can|could|should|would|might) (?:i|one)|(?:do|can|could|should) you${HABIT})`

/** Questions with the same meaning. */
const QUESTIONS: readonly Rewording[] = [
  [/^how (?:do|does) (.+) work$/, '?works $1'],
  [
    new RegExp(`^how (?:${I}${STATE}|(?:i|one) (?:can|could|should|would|might)${STATE}|to)(?: go about| best)? `),
    '?how ',
  ],
  [
    new RegExp(
      `^(?:what|which) is (?:a|the) (?:${GOOD} )?(?:way|method|process|procedure) (?:for (?:me|you) |i can )?to `,
    ),
    '?how ',
  ],
  [/^what are (?:some |the best |some good )ways (?:for me |i can )?to /, '?how '],
  [/^what are the (?:right |correct |necessary |required )?steps (?:i (?:need|have) to take )?to /, '?how '],
  [/^what steps (?:do|should|must|can) (?:i|you|one) (?:need to |have to )?(?:take|follow) to /, '?how '],
  [/^what (?:do (?:i|you|one) (?:need|have) to|(?:should|must) (?:i|you|one)) do to /, '?how '],
  [new RegExp(`^(?:the )?(?:${GOOD} )?way to `), '?how '],
  [/^(?:(?:can|could) i|am i able to|is (?:it possible|there (?:a|any) way) (?:for me )?to) /, '?can '],
  [/^what does (.+) mean$/, '?what the meaning of $1'],
  [/^how much (?:does|do) (.+) cost$/, '?what the cost of $1'],
  [
    /^how much (?:is|are) (?=(?:an?|the|my) (?!(?:mole|pint|cup|ton|tonne|pound|stone|gallon|quart|ounce|dose|serving|lot|pinch|unit|shot|dash)\b))/,
    '?what the cost of ',
  ],
  [/^(?:what|which) (?:is|are) the price of /, '?what the cost of '],
  [/^how much time does it take /, 'how long does it take '],
  [/^how many people live in (?:the )?(.+)$/, '?what the population of $1'],
  [/^how (?:is|are) (.+) different from (.+)$/, '?what the difference between $1 and $2'],
  [/^how (?:does|do) (.+) differ from (.+)$/, '?what the difference between $1 and $2'],
  [/^what will happen if /, 'what happens if '],
  [/^where (is|are) (.+) (?:located|situated)$/, 'where $1 $2'],
  [/^(?:what|which) ([a-z]+) is (?:the )?(best|worst|[a-z]+est)(?= |$)/, '?what the $2 $1'],
  [/^(?:what are|give me|list|name) (?:some )?examples of /, '?examples of '],
  [/^(?:what is (?:the definition of|meant by)|what do you mean by) (?!(?:that|this|it|done|ready)\b)/, '?what '],
  [/^(?:what|which) (?:is|are) /, '?what '],
  [/^explain (?=the (?:difference|meaning|concept|purpose|role|process|principle)\b)/, '?what '],
  // "Explain my bill" asks for more than what it is.
  [/^(?:define|explain) (?!(?:the|this|that|these|those|my|our|your|his|her|its|their|why|how)\b|.* 's )/, '?what '],
]

/** Wordings that may occur anywhere in a sentence. */
const WORDINGS: readonly Rewording[] = [
  [/\b(?:create|make) (?=an? )/g, 'make '],
  [/\b(?:get|obtain|acquire) (?=an? )/g, 'get '],
  [/\b(my|your|our) own (?=[a-z])/g, '$1 '],
  [/\bpurchase (?!order|price|agreement|date|history)/g, 'buy '],
  [/ (?:fast|rapidly)$/, ' quickly'],
]

/** The owner changes with the person: "how do I reset my password", "how do you reset your password". */
const PERSONS: readonly (readonly [pattern: RegExp, own: string])[] = [
  [/^(?:how|what|can|could|is|am)\b.*\b(?:i|me)\b/, 'my'],
  [/^how (?:do|can|could|should|would) you\b/, 'your'],
  [/^how (?:do|does|can|could|should|would) one\b/, "one 's"],
]

/**
 * Rewrites a sentence (lower case, one space between words) to the common wording of all sentences that ask the same.
 */
export function rewrite(sentence: string): string {
  let text = sentence
  for (const table of [EMPTY_WORDS, REQUESTS, EMPTY_WORDS, INDIRECT]) text = apply(table, text)
  const asked = apply(WORDINGS, apply(QUESTIONS, text))
  return /^\?(?:how|can) /.test(asked) ? impersonal(asked, text) : asked
}

function apply(table: readonly Rewording[], text: string): string {
  for (const [pattern, plainly] of table) text = text.replace(pattern, plainly)
  return text
}

function impersonal(asked: string, question: string): string {
  const own = PERSONS.find(([pattern]) => pattern.test(question))?.[1] ?? 'my|your'
  return asked.replace(new RegExp(`(?<= )(?:${own})(?= )`, 'g'), 'own')
}
