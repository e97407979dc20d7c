import { parseJson } from '../../base/json.ts'
import { ClientClosedError } from '../client-closed-error.ts'
import {
  addCounts,
  BATCH_KNOWN,
  type FigureBatch,
  type FigureKind,
  FIGURES_KEPT,
  HOUR,
  type HourFigures,
  MAX_NAMES,
  OTHERS,
} from '../figures.ts'
import type { RedisCommands } from './commands.ts'

// An hour is one hash. A field is the JSON text of a kind, a name and a figure; Redis adds the numbers up. For each
// added batch there is also a key for an hour, in the same slot of a cluster because of the braces.

/** Fields of an hour; there may be as many more as there are figures under {@link OTHERS}. */
const MAX_FIELDS = 10 * MAX_NAMES

// A batch is added completely or not at all, and once. https://redis.io/docs/latest/commands/hincrbyfloat/
const ADD = `
if not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1]) then return 0 end
for i = 4, #ARGV, 3 do
  local field = ARGV[i]
  if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[3]) and redis.call('HEXISTS', KEYS[1], field) == 0 then
    field = ARGV[i + 1]
  end
  redis.call('HINCRBYFLOAT', KEYS[1], field, ARGV[i + 2])
end
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
return 1`

// By a script, since clients return the command's own reply in different forms.
const READ = "return redis.call('HGETALL', KEYS[1])"

/** The figures of all processes that share a Redis. */
export class RedisFigures {
  readonly #commands: RedisCommands
  readonly #prefix: string

  constructor(commands: RedisCommands, prefix: string) {
    this.#commands = commands
    this.#prefix = prefix
  }

  async add({ id, figures }: FigureBatch): Promise<void> {
    // Not opened just for figures: it would keep a process alive that is about to end.
    if (!this.#commands.isOpen) throw new ClientClosedError()
    const hours = Map.groupBy(figures, ({ at }) => at)
    await Promise.all([...hours].map(([at, ofHour]) => this.#addHour(at, id, ofHour)))
  }

  async read(since: number): Promise<readonly HourFigures[]> {
    const hours: number[] = []
    const now = Date.now()
    const first = Math.ceil(Math.max(since, now - FIGURES_KEPT) / HOUR)
    for (let at = first * HOUR; at <= now; at += HOUR) hours.push(at)
    return (await Promise.all(hours.map((at) => this.#readHour(at)))).flat()
  }

  async #addHour(at: number, id: string, figures: readonly HourFigures[]): Promise<void> {
    const name = this.#nameOf(at)
    const bounds = [BATCH_KNOWN, at + FIGURES_KEPT + HOUR, MAX_FIELDS].map(String)
    await this.#commands.send(name, ['EVAL', ADD, '2', name, `${name}:${id}`, ...bounds, ...figures.flatMap(fieldsOf)])
  }

  async #readHour(at: number): Promise<HourFigures[]> {
    const name = this.#nameOf(at)
    const reply = await this.#commands.send(name, ['EVAL', READ, '1', name])
    const groups = new Map<string, HourFigures & { readonly counts: Record<string, number> }>()
    for (const { kind, name: group, figure, count } of readFields(reply)) {
      const id = JSON.stringify([kind, group])
      const known = groups.get(id) ?? { at, kind, name: group, counts: {} }
      groups.set(id, known)
      addCounts(known.counts, { [figure]: count })
    }
    return [...groups.values()]
  }

  #nameOf(at: number): string {
    return `${this.#prefix}{${at / HOUR}}`
  }
}

/** Three arguments for each figure: its field, the field to use if there is no room, and the number. */
function fieldsOf({ kind, name, counts }: HourFigures): string[] {
  return Object.entries(counts).flatMap(([figure, count]) => [
    JSON.stringify([kind, name, figure]),
    JSON.stringify([kind, kind === 'all' ? '' : OTHERS, figure]),
    String(count),
  ])
}

interface Field {
  readonly kind: FigureKind
  readonly name: string
  readonly figure: string
  readonly count: number
}

function readFields(reply: unknown): Field[] {
  const texts = Array.isArray(reply) ? reply.map(String) : []
  return texts.flatMap((text, at) => {
    const field = at % 2 === 0 ? parseJson(text) : undefined
    if (!Array.isArray(field)) return []
    const [kind, name, figure] = field as [FigureKind, string, string] // written by fieldsOf alone
    return { kind, name, figure, count: Number(texts[at + 1]) }
  })
}
