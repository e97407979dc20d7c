/** Seconds. With a `ttl` up to this, questions about the present are matched too. */
const SHORT = 300

/** Words that make a question depend on when it is asked: an hour later it may need another answer. */
const NOW = new RegExp(
  [
    String.raw`\b(?:today|tonight|now|nowadays|currently|current|latest|newest|recent|recently|yesterday|tomorrow|upcoming|lately|ago)\b`,
    String.raw`\b(?:this|next|last|past|coming|previous) (?:few )?(?:second|minute|hour|morning|afternoon|evening|night|day|week|weekend|month|quarter|year|decade|spring|summer|fall|autumn|winter|season|monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b`,
    String.raw`\b(?:these days|at the moment|at present|right away|as of|so far|up to date|up-to-date|until now|by now|still|weather|news)\b`,
    String.raw`\bwhat(?: is|'s|’s)? (?:the )?(?:time|day|date|year)\b|\btime is it\b`,
    String.raw`\b(?:heute|jetzt|aktuell\w*|gestern|morgen|derzeit|neueste\w*|maintenant|hier|demain|actuel\w*|hoy|ahora|ayer|mañana|actual\w*|oggi|adesso|ieri|domani|hoje|agora|ontem|vandaag|nu|gisteren)\b|aujourd['’]hui`,
    String.raw`今天|今日|现在|目前|最新|昨天|明天|今|いま|明日|昨日|지금|오늘|сегодня|сейчас|вчера|завтра|последн`,
  ].join('|'),
  'iu',
)

/** Whether a question is never matched: it is too long, or its answer becomes wrong with time. */
export function isUnfit(text: string, limits: { readonly maxText: number; readonly ttl: number }): boolean {
  return text.length > limits.maxText || (limits.ttl > SHORT && NOW.test(text))
}

/** UTF-16 units. Two texts longer than this may be one template. */
const LONG = 400
const SHARED = 2 / 3

/**
 * Whether two texts are one template with different values: their common beginning and end are over two thirds of a
 * long text. Their vectors are near whatever the values are.
 */
export function isTemplate(a: string, b: string): boolean {
  const shorter = Math.min(a.length, b.length)
  let start = 0
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start++
  let end = 0
  while (end < shorter - start && a.charCodeAt(a.length - 1 - end) === b.charCodeAt(b.length - 1 - end)) end++
  return [a, b].some(({ length }) => length > LONG && (start + end) / length > SHARED)
}
