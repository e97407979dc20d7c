import { isObject, type Json, type JsonObject } from '../../base/json.ts'

/** The part of a request that its provider could cache. */
export interface Prompt {
  /** UTF-8 bytes up to the last breakpoint (`cache_control`, Bedrock's `cachePoint`); `undefined` if there is none. */
  readonly marked: number | undefined
  /** Characters up to the last breakpoint. */
  readonly markedLength: number
  /** Whether an image, a file or audio comes before it, whose tokens can't be estimated. */
  readonly hasMedia: boolean
  readonly hasTools: boolean
  /** The beginning of the prompt. */
  readonly start: string
}

/** Members of the prompt, in the order in which providers use them. */
const MEMBERS = ['tools', 'toolConfig', 'system', 'systemInstruction', 'instructions', 'messages', 'input', 'contents']
const MEDIA = /^(?:image|document|input_(?:image|file|audio)|image_url|file|audio)$/

/** Reads a body. `startLength` is how much of the prompt's beginning is kept, in UTF-16 units. */
export function promptOf(body: JsonObject, startLength: number): Prompt {
  const reader = new PromptReader(startLength)
  for (const name of MEMBERS) reader.read(body[name])
  // Automatic caching: the breakpoint is at the end.
  if (isObject(body['cache_control'])) reader.mark()
  return reader.prompt(body['tools'] !== undefined || body['toolConfig'] !== undefined)
}

/** More levels than any request has. */
const MAX_DEPTH = 40

class PromptReader {
  readonly #startLength: number
  #start = ''
  #bytes = 0
  #length = 0
  #hasMedia = false
  #marked: Pick<Prompt, 'hasMedia' | 'markedLength'> & { readonly marked: number } = NOTHING
  #isMarked = false

  constructor(startLength: number) {
    this.#startLength = startLength
  }

  read(value: Json | undefined, depth = 0): void {
    if (value === undefined || value === null || depth > MAX_DEPTH) return
    if (Array.isArray(value)) for (const item of value as readonly Json[]) this.read(item, depth + 1)
    else if (isObject(value)) this.#readObject(value, depth)
    else this.#add(String(value))
  }

  /** Notes a breakpoint. */
  mark(): void {
    this.#isMarked = true
    this.#marked = { marked: this.#bytes, markedLength: this.#length, hasMedia: this.#hasMedia }
  }

  prompt(hasTools: boolean): Prompt {
    const { marked, markedLength, hasMedia } = this.#marked
    return { marked: this.#isMarked ? marked : undefined, markedLength, hasMedia, hasTools, start: this.#start }
  }

  #readObject(value: JsonObject, depth: number): void {
    if (typeof value['type'] === 'string' && MEDIA.test(value['type'])) this.#hasMedia = true
    for (const [name, member] of Object.entries(value)) {
      if (name === 'cache_control' || name === 'cachePoint') continue
      this.#add(name)
      this.read(member, depth + 1)
    }
    if (isObject(value['cache_control']) || isObject(value['cachePoint'])) this.mark()
  }

  #add(text: string): void {
    this.#bytes += Buffer.byteLength(text)
    this.#length += text.length
    if (this.#start.length < this.#startLength) this.#start += `${text.slice(0, this.#startLength)}\n`
  }
}

const NOTHING = Object.freeze({ marked: 0, markedLength: 0, hasMedia: false })
