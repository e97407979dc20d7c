import type { JsonObject } from '../base/json.ts'
import type { RequestView } from '../providers/provider.ts'
import { isFilled, list as itemsOf } from '../providers/formats/read.ts'
import type { Conversion, Sibling } from './conversion.ts'
import { lossy, names, objectAt, textAt } from './lossy.ts'
import { omit, pick } from './members.ts'
import { last, list, merge, nested, type MergeRule, type MergeRules, rules, same, text } from './merge.ts'
import { piecesOf, piecesWithTokens } from './pieces.ts'

/** Members of every line. `created_at` is the time of the line; the document has that of the last one. */
const LINE: Readonly<Record<string, MergeRule>> = {
  model: same,
  created_at: last,
  remote_model: same,
  remote_host: same,
  done: last,
  done_reason: last,
  total_duration: last,
  load_duration: last,
  prompt_eval_count: last,
  prompt_eval_duration: last,
  eval_count: last,
  eval_duration: last,
  logprobs: list,
}

/** The differences between lines of a chat and of a completion. */
interface LineForm {
  readonly rules: MergeRules
  /** The member with the answer's text. */
  readonly answer: string
  /** The object with that member. */
  readonly inside: (document: JsonObject) => JsonObject
  /** Makes a line from that object and the members around it. */
  readonly line: (outside: JsonObject, inside: JsonObject) => JsonObject
}

/** Ollama's `/api/chat`; https://github.com/ollama/ollama/blob/main/docs/api.md */
export const ollamaChatConversion: Conversion = conversionOf({
  rules: rules({
    ...LINE,
    message: nested(rules({ role: same, content: text, thinking: text, tool_calls: list, images: list })),
  }),
  answer: 'content',
  inside: ({ message }) => objectAt(message, 'message'),
  line: (outside, message) => ({ ...outside, message }),
})

/** Ollama's `/api/generate`. */
export const ollamaGenerateConversion: Conversion = conversionOf({
  rules: rules({ ...LINE, response: text, thinking: text, context: last }),
  answer: 'response',
  inside: (document) => document,
  line: (outside, inside) => ({ ...outside, ...inside }),
})

function conversionOf(form: LineForm): Conversion {
  return {
    siblings,
    form: () => 'ndjson',
    assemble(events) {
      const whole = events.reduce<JsonObject>(
        (merged, { data }) => merge(form.rules, merged, objectAt(data, 'line')),
        {},
      )
      return whole.done === true ? whole : lossy('done')
    },
    split: (document) => splitLines(document, form).map((data) => ({ data })),
  }
}

/** Ollama streams unless `stream` is `false`. */
function siblings({ body }: RequestView): readonly Sibling[] {
  const { stream, ...rest } = body
  if (stream !== false) return [{ body: { ...rest, stream: false } }]
  return [{ body: rest }, { body: { ...rest, stream: true } }]
}

const HEAD = names('model created_at remote_model remote_host')
const OPEN = names('role')

function splitLines(document: JsonObject, form: LineForm): JsonObject[] {
  const inside = form.inside(document)
  const line = (fields: JsonObject, more: JsonObject = {}): JsonObject =>
    form.line(
      { ...pick(document, HEAD), done: false, ...more },
      { ...pick(inside, OPEN), [form.answer]: '', ...fields },
    )
  const { thinking = '', tool_calls: calls = null, images = null, [form.answer]: answer } = inside
  const words = piecesWithTokens(textAt(answer, form.answer), itemsOf(document.logprobs))
  const gone = new Set(
    ['logprobs', 'thinking', 'tool_calls', 'images'].filter((name) => isFilled(inside[name] ?? document[name])),
  )
  return [
    ...piecesOf(textAt(thinking, 'thinking')).map((piece) => line({ thinking: piece })),
    ...words.map(({ piece, tokens }) => line({ [form.answer]: piece }, tokens.length > 0 ? { logprobs: tokens } : {})),
    ...(isFilled(calls) ? [line({ tool_calls: calls })] : []),
    ...(isFilled(images) ? [line({ images })] : []),
    form.line(omit(document, gone), { ...omit(inside, gone), [form.answer]: '' }),
  ]
}
