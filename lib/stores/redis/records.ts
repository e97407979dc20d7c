import { readMeta, type StoredRecord } from '../codec.ts'
import { type EntryInfo, type EntryMeta, infoOf } from '../entry.ts'
import type { FigureBatch, HourFigures } from '../figures.ts'
import { type Filter, matches } from '../filter.ts'
import { isNewer } from '../freshness.ts'
import type { NewRecord, RecordStore } from '../records.ts'
import { type Removal, takesOut } from '../removal.ts'
import type { Lease } from '../lease.ts'
import type { RedisCommands, RedisNode } from './commands.ts'
import { RedisFigures } from './figures.ts'
import { takeLease } from './leases.ts'
import { RedisQuestions } from './questions.ts'
import { RedisRemovals } from './removals.ts'

// An entry is one hash, so that each command touches one key, on one server of a cluster:
//
//   meta     the metadata
//   count    how many chunks the payload has
//   back     where an import brought it: when, in milliseconds since the epoch; no removal of before counts against it
//   0, 1 …   the chunks
//
/** Bytes of a chunk: small enough not to block client or server. */
const CHUNK = 512 * 1024
/** Chunks that are requested at once, whether they exist or not, which takes 0.5 µs each; few answers have more. */
const AT_ONCE = 2
const FIRST_FIELDS = ['meta', 'count', 'back', ...Array.from({ length: AT_ONCE }, (_, at) => String(at))]
/** Keys that one SCAN reads. */
const SCANNED = '500'

/** Records in Redis, which expires them itself, and evicts some when it is full. */
export class RedisRecords implements RecordStore {
  readonly #commands: RedisCommands
  readonly #prefix: string
  readonly #leases: string
  readonly #removals: RedisRemovals
  readonly questions: RedisQuestions
  readonly #figures: RedisFigures

  constructor(commands: RedisCommands, prefix: string) {
    this.#commands = commands
    this.#prefix = `${prefix}entry:`
    this.#leases = `${prefix}lease:`
    this.#removals = new RedisRemovals(commands, `${prefix}removals`)
    this.questions = new RedisQuestions(commands, {
      entries: this.#prefix,
      partitions: `${prefix}questions:`,
      rejected: `${prefix}rejected`,
      fields: (name, fields) => this.#fields(name, fields),
      isGone: (meta, back) => this.#isGone(meta, back),
    })
    this.#figures = new RedisFigures(commands, `${prefix}figures:`)
  }

  async read(key: string): Promise<StoredRecord | undefined> {
    const name = this.#prefix + key
    const [reply] = await Promise.all([this.#fields(name, FIRST_FIELDS), this.#removals.start()])
    const [meta, count, back, ...chunks] = reply
    if (meta === undefined || count === undefined || this.#isGone(meta, back)) return undefined
    const missing = Array.from({ length: Math.max(0, Number(count) - AT_ONCE) }, (_, at) => String(AT_ONCE + at))
    const more = missing.length === 0 ? [] : await this.#fields(name, ['meta', ...missing])
    // Between the two reads the entry may have been replaced.
    if (more[0] !== undefined && !more[0].equals(meta)) return undefined
    const payload = join([...chunks.slice(0, Number(count)), ...more.slice(1)])
    return payload && { meta: meta.toString(), payload }
  }

  async write({ meta, payload, info, isRestored = false }: NewRecord): Promise<void> {
    const name = this.#prefix + info.key
    // An entry that was removed in the meantime must not come back.
    if (isRestored ? await this.#hasNewer(name, info) : this.#removals.has(info)) return
    const chunks = split(payload)
    const back = isRestored ? ['back', String(this.#removals.afterAll)] : []
    const numbered = chunks.flatMap((chunk, at) => [String(at), chunk])
    const fields = ['meta', meta, 'count', String(chunks.length), ...back, ...numbered]
    // A duration, not a time: the server's clock may differ.
    const life = String(Math.max(1, info.keptUntil - Date.now()))
    await this.#commands.atomically(name, [
      ['DEL', name],
      ['HSET', name, ...fields],
      ['PEXPIRE', name, life],
    ])
  }

  async delete(key: string): Promise<boolean> {
    await this.#removals.add({ filter: { key }, at: Date.now() })
    return this.#unlink(this.#prefix + key)
  }

  /** Entries count as gone in each process that knows of the removal. They are then deleted one by one. */
  async clear(filter: Filter): Promise<number> {
    const removal = { filter, at: Date.now() }
    await this.#removals.add(removal)
    let count = 0
    for await (const page of this.#pages(filter)) {
      const gone = page.filter(({ info }) => takesOut(removal, info))
      const results = await Promise.all(gone.map(({ name }) => this.#unlink(name)))
      count += results.filter(Boolean).length
    }
    return count
  }

  async *list(filter: Filter): AsyncGenerator<EntryInfo> {
    await this.#removals.start()
    const now = Date.now()
    // SCAN may return a key twice.
    const seen = new Set<string>()
    for await (const page of this.#pages(filter)) {
      for (const { info, back } of page) {
        if (seen.has(info.key) || this.#removals.has(info, back) || !matches(info, filter, now)) continue
        seen.add(info.key)
        yield info
      }
    }
  }

  lease(key: string): Promise<Lease | undefined> {
    return takeLease(this.#commands, this.#leases + key)
  }

  addFigures(batch: FigureBatch): Promise<void> {
    return this.#figures.add(batch)
  }

  figures(since: number): Promise<readonly HourFigures[]> {
    return this.#figures.read(since)
  }

  watch(onRemoval: (removal: Removal) => void): void {
    this.#removals.watch(onRemoval)
  }

  /** The client is not closed, since it belongs to the app. */
  close(): void {
    this.#removals.stop()
  }

  async #fields(name: string, fields: readonly string[]): Promise<(Buffer | undefined)[]> {
    let reply: unknown
    try {
      reply = await this.#commands.send(name, ['HMGET', name, ...fields])
    } catch (error) {
      // Another program's key under our prefix: there is no entry.
      if (isWrongType(error)) return []
      throw error
    }
    return Array.isArray(reply) ? reply.map((value) => (Buffer.isBuffer(value) ? value : undefined)) : []
  }

  #isGone(meta: Buffer, back: Buffer | undefined): boolean {
    if (this.#removals.isEmpty) return false
    const read = readMeta(meta.toString())
    return read === undefined || this.#removals.has(read, timeOf(back))
  }

  async #hasNewer(name: string, restored: EntryMeta): Promise<boolean> {
    const [meta] = await this.#fields(name, ['meta'])
    return isNewer(meta && readMeta(meta.toString()), restored)
  }

  async #unlink(name: string): Promise<boolean> {
    return (await this.#commands.send(name, ['UNLINK', name])) === 1
  }

  async *#pages({ key }: Filter): AsyncGenerator<Listed[]> {
    // One key needs no search.
    if (key !== undefined) return yield await this.#describe([this.#prefix + key])
    for (const node of await this.#commands.nodes()) {
      for await (const names of scan(node, this.#prefix)) yield await this.#describe(names)
    }
  }

  async #describe(names: readonly string[]): Promise<Listed[]> {
    const found = await Promise.all(names.map((name) => this.#fields(name, ['meta', 'back'])))
    return found.flatMap(([bytes, back], at) => {
      const meta = bytes && readMeta(bytes.toString())
      const name = names[at]
      return meta === undefined || name === undefined ? [] : { name, info: infoOf(meta, 0), back: timeOf(back) }
    })
  }
}

/** An entry and the name of its hash. */
interface Listed {
  readonly name: string
  readonly info: EntryInfo
  readonly back: number
}

function timeOf(back: Buffer | undefined): number {
  return back === undefined ? 0 : Number(back)
}

/** The keys of one server, as the client names them. */
async function* scan(node: RedisNode, prefix: string): AsyncGenerator<string[]> {
  const pattern = `${(node.keyPrefix + prefix).replace(/[\\*?[\]]/g, '\\$&')}*`
  let cursor = '0'
  do {
    const reply = await node.send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', SCANNED])
    const [next, names] = Array.isArray(reply) ? reply : ['0', []]
    cursor = String(next)
    if (Array.isArray(names)) yield names.map((name) => String(name).slice(node.keyPrefix.length))
  } while (cursor !== '0')
}

function split(payload: Uint8Array): Buffer[] {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  return Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, at) =>
    bytes.subarray(at * CHUNK, (at + 1) * CHUNK),
  )
}

/** `undefined` if a chunk is missing. */
function join(chunks: readonly (Buffer | undefined)[]): Uint8Array<ArrayBuffer> | undefined {
  const size = chunks.reduce((sum, chunk) => sum + (chunk?.length ?? NaN), 0)
  if (Number.isNaN(size)) return undefined
  // Has its own memory, since a chunk may be a part of what the socket has read.
  const payload = Buffer.allocUnsafeSlow(size)
  let at = 0
  for (const chunk of chunks) {
    if (chunk === undefined) return undefined
    payload.set(chunk, at)
    at += chunk.length
  }
  return payload
}

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGTYPE')
}
