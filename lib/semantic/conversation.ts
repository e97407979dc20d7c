import { isObject, type MutableJson, type MutableObject } from '../base/json.ts'
import type { Conversation } from '../controls/semantic.ts'
import type { ConversationShape } from '../providers/provider.ts'

/** The user's question, and the rest of the call. */
export interface QuestionAndRest {
  readonly text: string
  /** The part of the body that must be equal: without the text, and without the turns that don't count. */
  readonly rest: MutableObject
}

/**
 * Removes the question from a body, which is changed. `undefined` if there is no plain question: the last message is
 * not the user's, it contains or follows anything but text (an image, a file, a tool result), or the call has a seed.
 */
export function takeQuestion(
  shape: ConversationShape,
  body: MutableObject,
  conversation: Conversation,
): QuestionAndRest | undefined {
  if (hasSeed(body)) return undefined
  const text = shape.last === undefined ? takeFromMessages(shape, body) : takeMember(shape, body, shape.last)
  if (text === undefined || text.trim() === '') return undefined
  if (conversation !== 'full') forgetTurns(shape, body, conversation === 'last-message' ? 0 : conversation.lastTurns)
  return { text, rest: body }
}

/**
 * Whether the call has a seed, which asks for the same answer again, not for a similar one. It is at the top level, or
 * in an object of options.
 */
function hasSeed(body: MutableObject): boolean {
  const holders = [body, ...Object.values(body).filter((value) => isObject(value))]
  return holders.some((holder) => (holder['seed'] ?? holder['random_seed'] ?? null) !== null)
}

/** Removes a question that is a member of the body. */
function takeMember(shape: ConversationShape, body: MutableObject, name: string): string | undefined {
  if (holdsOthers(shape, body) || isToolResult(messagesOf(shape, body).at(-1))) return undefined
  return takeText(body, name)
}

/** Removes a question that is the last message, or a text in place of the list of messages. */
function takeFromMessages(shape: ConversationShape, body: MutableObject): string | undefined {
  if (typeof body[shape.messages] === 'string') return takeText(body, shape.messages)
  const messages = messagesOf(shape, body)
  const last = messages.at(-1)
  if (!isObject(last) || !isUser(shape, last) || holdsOthers(shape, last)) return undefined
  return isToolResult(messages.at(-2)) ? undefined : takeText(last, shape.content)
}

function messagesOf(shape: ConversationShape, body: MutableObject): MutableJson[] {
  const messages = body[shape.messages]
  return Array.isArray(messages) ? messages : []
}

function isUser({ users }: ConversationShape, { role = '' }: MutableObject): boolean {
  return typeof role === 'string' && users.includes(role)
}

function holdsOthers({ others = [] }: ConversationShape, holder: MutableObject): boolean {
  return others.some((name) => (holder[name] ?? null) !== null && !isEmpty(holder[name]))
}

function isEmpty(value: MutableJson | undefined): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0)
}

/**
 * Removes the text from a member. What is left still distinguishes a plain text from parts, whose other members count.
 */
function takeText(holder: MutableObject, name: string): string | undefined {
  const content = holder[name]
  if (typeof content === 'string') {
    holder[name] = ''
    return content
  }
  if (!Array.isArray(content) || content.length === 0) return undefined
  const texts = content.map(takeFromPart)
  return texts.every((text) => text !== undefined) ? texts.join('\n') : undefined
}

/** Types of text parts; Gemini and Bedrock have no type. */
const TEXT_TYPES: ReadonlySet<unknown> = new Set(['text', 'input_text', undefined])

function takeFromPart(part: MutableJson): string | undefined {
  if (!isObject(part) || !TEXT_TYPES.has(part['type'])) return undefined
  const { text } = part
  if (typeof text !== 'string') return undefined
  part['text'] = ''
  return text
}

/** Whether it is a message of a tool, an item with its output, or a message with such a part. */
function isToolResult(message: MutableJson | undefined): boolean {
  if (!isObject(message)) return false
  const { role, type } = message
  if (typeof role === 'string' && /^(?:tool|function)$/i.test(role)) return true
  if (typeof type === 'string' && /_output$|_result$/.test(type)) return true
  const parts = [message['content'], message['parts']].flatMap((list) => (Array.isArray(list) ? list : []))
  return parts.some(isResultPart)
}

function isResultPart(part: MutableJson): boolean {
  if (!isObject(part)) return false
  if (typeof part['type'] === 'string' && /tool[_-]result$/.test(part['type'])) return true
  return ['toolResult', 'functionResponse', 'function_response'].some((name) => part[name] !== undefined)
}

/** Removes all turns but the last ones. Instructions stay, whichever turn they are in. */
function forgetTurns(shape: ConversationShape, body: MutableObject, kept: number): void {
  const messages = messagesOf(shape, body)
  if (messages.length === 0) return
  const end = shape.last === undefined ? messages.length - 1 : messages.length
  const starts = messages.slice(0, end).flatMap((message, at) => (beginsTurn(shape, message) ? [at] : []))
  const from = kept === 0 ? end : (starts.at(-kept) ?? 0)
  body[shape.messages] = messages.filter((message, at) => at >= from || isInstruction(shape, message))
}

function beginsTurn(shape: ConversationShape, message: MutableJson): boolean {
  return isObject(message) && isUser(shape, message) && !isToolResult(message)
}

function isInstruction({ systems }: ConversationShape, message: MutableJson): boolean {
  return isObject(message) && typeof message['role'] === 'string' && systems.includes(message['role'])
}
