import type { FoundQuestion, FoundQuestions, QuestionRecord, QuestionRecords } from '../records.ts'
import type { QuestionRange } from '../question.ts'
import type { RedisCommands } from './commands.ts'

// A question is an additional field of its entry's hash, so that it is removed with the entry, whatever removes that. A
// stream for each partition lists the entries in the order in which their questions were added. It has only keys.

/** Questions that are read at once. */
const PAGE = 16
/** Names in a partition's stream; far more than any cache compares with. */
const MAX_NAMES = '100000'
/** Milliseconds that a stream outlives its last question: longer than nearly all entries. */
const STREAM_LIFE = String(90 * 86_400_000)
/** Pairs that are remembered. */
const MAX_REJECTED = 100_000
// Only if the entry exists: a hash with only a question would never expire.
const WRITE =
  "if redis.call('HEXISTS', KEYS[1], 'meta') == 1 then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) return 1 end return 0"

/** The names of keys in Redis, and the check whether entries count as gone. */
export interface RedisPlaces {
  /** Prefix of entry names. */
  readonly entries: string
  /** Prefix of stream names. */
  readonly partitions: string
  readonly rejected: string
  /** Reads fields of a hash. */
  fields(name: string, fields: readonly string[]): Promise<(Buffer | undefined)[]>
  /** Whether the entry with this metadata counts as gone; `back`: when an import stored it. */
  isGone(meta: Buffer, back: Buffer | undefined): boolean
}

/** Questions in Redis. */
export class RedisQuestions implements QuestionRecords {
  readonly #commands: RedisCommands
  readonly #places: RedisPlaces

  constructor(commands: RedisCommands, places: RedisPlaces) {
    this.#commands = commands
    this.#places = places
  }

  async write({ partition, key, payload }: QuestionRecord): Promise<void> {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
    const entry = this.#places.entries + key
    if ((await this.#commands.send(entry, ['EVAL', WRITE, '1', entry, fieldOf(partition), bytes])) !== 1) return
    const name = this.#places.partitions + partition
    await this.#commands.atomically(name, [
      ['XADD', name, 'MAXLEN', '~', MAX_NAMES, '*', 'key', key],
      ['PEXPIRE', name, STREAM_LIFE],
    ])
  }

  async read(partition: string, { after, before }: QuestionRange): Promise<FoundQuestions> {
    const name = this.#places.partitions + partition
    const [from, to] = [before === undefined ? '+' : `(${before}`, after === undefined ? '-' : `(${after}`]
    const names = readStream(await this.#commands.send(name, ['XREVRANGE', name, from, to, 'COUNT', String(PAGE)]))
    const found = await Promise.all(names.map(({ key }) => this.#find(partition, key)))
    const lost = names.filter((_, at) => found[at] === undefined).map(({ id }) => id)
    // Their entries are gone.
    if (lost.length > 0) this.#commands.send(name, ['XDEL', name, ...lost]).catch(() => undefined)
    return {
      records: found.filter((record) => record !== undefined),
      newest: names[0]?.id,
      next: names.length < PAGE ? undefined : names.at(-1)?.id,
    }
  }

  async remove(partition: string, key: string): Promise<void> {
    const entry = this.#places.entries + key
    await this.#commands.send(entry, ['HDEL', entry, fieldOf(partition)])
  }

  async reject(pair: string): Promise<void> {
    const name = this.#places.rejected
    await this.#commands.atomically(name, [
      ['ZADD', name, String(Date.now()), pair],
      ['ZREMRANGEBYRANK', name, '0', String(-1 - MAX_REJECTED)],
    ])
  }

  async isRejected(pair: string): Promise<boolean> {
    return (await this.#commands.send(this.#places.rejected, ['ZSCORE', this.#places.rejected, pair])) !== null
  }

  async #find(partition: string, key: string): Promise<FoundQuestion | undefined> {
    const fields = ['meta', 'back', fieldOf(partition)]
    const [meta, back, bytes] = await this.#places.fields(this.#places.entries + key, fields)
    if (meta === undefined || bytes === undefined || this.#places.isGone(meta, back)) return undefined
    return { key, meta: meta.toString(), payload: new Uint8Array(bytes) }
  }
}

function fieldOf(partition: string): string {
  return `question ${partition}`
}

function readStream(reply: unknown): { readonly id: string; readonly key: string }[] {
  if (!Array.isArray(reply)) return []
  return reply.map((item: unknown) => {
    const [id, fields] = Array.isArray(item) ? item : []
    return { id: String(id), key: Array.isArray(fields) ? String(fields[1]) : '' }
  })
}
