import fc from 'fast-check'
import { test } from 'vitest'
import {
  type FlightLog,
  join,
  type Listener,
  openFlight,
  type ScriptedUpstream,
  settled,
  type Whim,
} from '../behaviour/flight/scripted.ts'
import type { Flight } from '../../lib/flight/flight.ts'

const LIMIT = 40
const LARGEST = 12

/** What the callers and the provider have done so far: little, as the flight itself must tell the rest. */
interface Model {
  callers: number
  headed: boolean
  ended: boolean
}

interface World {
  readonly flight: Flight
  readonly upstream: ScriptedUpstream
  readonly log: FlightLog
  readonly onAbandon: 'abort' | 'finish'
  readonly listeners: Listener[]
  cleared: boolean
}

abstract class Step implements fc.AsyncCommand<Model, World> {
  check(_model: Model): boolean {
    return true
  }

  async run(model: Model, world: World): Promise<void> {
    this.act(model, world)
    // What is put off may put something off.
    await settled()
    await settled()
    checkAll(world)
  }

  abstract act(model: Model, world: World): void
  abstract toString(): string
}

class Join extends Step {
  readonly #whims: readonly (readonly [number, Whim])[]
  constructor(whims: readonly (readonly [number, Whim])[]) {
    super()
    this.#whims = whims
  }
  act(model: Model, { flight, listeners }: World): void {
    if (!flight.joinable) return
    listeners.push(join(flight, new Map(this.#whims)))
    model.callers++
  }
  toString(): string {
    return `join(${JSON.stringify(this.#whims)})`
  }
}

class Act extends Step {
  readonly #name: 'pause' | 'resume' | 'abort'
  readonly #who: number
  constructor(name: 'pause' | 'resume' | 'abort', who: number) {
    super()
    this.#name = name
    this.#who = who
  }
  override check({ callers }: Model): boolean {
    return callers > 0
  }
  act(_model: Model, { listeners }: World): void {
    listeners[this.#who % listeners.length]?.[this.#name]()
  }
  toString(): string {
    return `${this.#name}(${this.#who})`
  }
}

class Head extends Step {
  override check({ headed, ended }: Model): boolean {
    return !headed && !ended
  }
  act(model: Model, { upstream }: World): void {
    if (upstream.over) return
    model.headed = true
    upstream.head()
  }
  toString(): string {
    return 'head'
  }
}

class Data extends Step {
  readonly #bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    super()
    this.#bytes = bytes
  }
  override check({ headed, ended }: Model): boolean {
    return headed && !ended
  }
  act(_model: Model, { upstream }: World): void {
    upstream.send({ bytes: Buffer.from(this.#bytes) })
  }
  toString(): string {
    return `data(${this.#bytes.length})`
  }
}

class End extends Step {
  override check({ headed, ended }: Model): boolean {
    return headed && !ended
  }
  act(model: Model, { upstream }: World): void {
    model.ended = true
    upstream.send({ end: true })
  }
  toString(): string {
    return 'end'
  }
}

class Fail extends Step {
  override check({ ended }: Model): boolean {
    return !ended
  }
  act(model: Model, { upstream }: World): void {
    model.ended = true
    upstream.send({ error: new Error('the network failed') })
  }
  toString(): string {
    return 'error'
  }
}

class Clear extends Step {
  act(_model: Model, world: World): void {
    world.cleared ||= !world.upstream.over
    world.flight.clear()
  }
  toString(): string {
    return 'clear'
  }
}

/** What holds after every step. */
function checkAll(world: World): void {
  const { flight, upstream, listeners, log } = world
  const sent = Buffer.concat(upstream.sent)
  for (const listener of listeners) checkOne(listener, sent, upstream)
  const present = listeners.filter(({ done }) => !done)
  const paused = present.filter(({ caller }) => caller.paused)
  if (!upstream.over && present.length > 0) {
    const isFull = flight.recording.kept > LIMIT
    is(
      upstream.paused === (paused.length === present.length || isFull),
      'the provider waits for all, or for the window',
    )
    is(!isFull || paused.length > 0, 'only a slow reader fills the window')
  }
  // One chunk more than the limit was on its way when the limit was reached.
  is(flight.recording.kept <= LIMIT + LARGEST, 'memory is bounded')
  is(log.broken.length === 0 && log.settled <= 1 && log.closed <= 1, 'it ends once')
  is(log.settled === (upstream.over ? 1 : 0), 'it ends with the call')
  is(present.length > 0 || listeners.length === 0 || upstream.over || world.onAbandon === 'finish', 'nobody: no call')
}

function checkOne(listener: Listener, sent: Buffer, upstream: ScriptedUpstream): void {
  const { bytes, told, error, caller } = listener
  is(sent.subarray(0, bytes.length).equals(bytes), "its bytes are the provider's")
  is(told.filter((word) => word === 'end' || word === 'error').length <= 1, 'one ending')
  is(!listener.done || told.indexOf(error === undefined ? 'end' : 'error') === told.length - 1, 'nothing after the end')
  if (caller.aborted) return
  if (!caller.paused || listener.done) is(bytes.length === sent.length, 'one who reads has all that came')
  if (listener.done) is(error === upstream.error, "its error is the provider's")
  else is(caller.paused || !upstream.over, 'one who reads has heard the end')
}

/** What holds when all is over. */
function checkLast({ log, upstream, cleared, flight }: World): void {
  const sent = Buffer.concat(upstream.sent)
  const isWhole = upstream.error === undefined && sent.length <= LIMIT && !cleared
  is(log.stored.length === (isWhole ? 1 : 0), 'whole answers are stored, others never')
  is(log.refused.length === (isWhole ? 0 : 1), 'each refusal is told once')
  if (isWhole) is(log.stored[0]?.equals(sent) === true, 'the stored bytes are the sent bytes')
  is(log.closed === 1 && log.settled === 1 && !flight.joinable, 'it is over')
}

function is(holds: boolean, rule: string): void {
  if (!holds) throw new Error(`Broken: ${rule}`)
}

const whims = fc.array(
  fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom<Whim>('pause', 'abort', 'throw', 'nap')),
  { maxLength: 2 },
)
const act = (name: 'pause' | 'resume' | 'abort'): fc.Arbitrary<Step> => fc.nat(7).map((who) => new Act(name, who))
const data = fc.uint8Array({ minLength: 1, maxLength: LARGEST }).map((bytes): Step => new Data(bytes))

const steps = [
  whims.map((each): Step => new Join(each)),
  act('pause'),
  act('resume'),
  act('abort'),
  data,
  data,
  data,
  fc.constantFrom<Step>(new Head(), new End(), new Fail(), new Clear(), new Head()),
]

test('every caller that stays gets exactly the bytes of the provider, or exactly its error, whatever happens in between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.commands(steps, { maxCommands: 60, size: 'max' }),
      fc.constantFrom('abort' as const, 'finish' as const),
      fc.boolean(),
      async (commands, onAbandon, isJudgedLater) => {
        const later = (): void => void setImmediate(() => flight.catchUp())
        const hooks = { maxEntrySize: LIMIT, onAbandon, ...(isJudgedLater && { later }) }
        const { flight, upstream, log }: ReturnType<typeof openFlight> = openFlight(hooks)
        const world: World = { flight, upstream, log, onAbandon, listeners: [join(flight)], cleared: false }
        upstream.start()
        await fc.asyncModelRun(() => ({ model: { callers: 1, headed: false, ended: false }, real: world }), commands)
        // Everyone reads on, and the provider comes to its end.
        upstream.send({ error: new Error('the end of the run') })
        for (let i = 0; i < 10 && world.listeners.some(({ done }) => !done); i++) {
          for (const listener of world.listeners) listener.resume()
          await settled()
          await settled()
        }
        checkAll(world)
        checkLast(world)
        is(
          world.listeners.every(({ done }) => done),
          'nobody is left waiting',
        )
      },
    ),
    { numRuns: 2000 },
  )
})
