import type { Dispatcher } from 'undici'
import type { Dispatch, Interceptor } from './dispatch.ts'
import { awaitDispatcher } from './first-dispatcher.ts'
import { legacyHandler } from './legacy-handlers.ts'
import { processRealm } from './process-realm.ts'

// Slots in which every copy of undici keeps its global dispatcher. undici 6 and 7, and the fetch of Node 22 and 24,
// read the first one, and use the old handler interface there. undici 8 and 7.27+, and the fetch of Node 26, read or
// write the second.
const LEGACY = Symbol.for('undici.globalDispatcher.1')
const CURRENT = Symbol.for('undici.globalDispatcher.2')

type Slot = typeof LEGACY | typeof CURRENT
type Globals = Partial<Record<symbol, Dispatcher>>

/** One cache above one global dispatcher. */
interface Layer {
  /** The previous content of the slot, if any. */
  readonly replaced: Dispatcher | undefined
  /** `false` after the undo: calls by code that still has the dispatcher, or has put another above it, pass through. */
  active: boolean
}

// The slots belong to the process, and so does this list of their contents. It has no state of a cache.
const layers = new WeakMap<Dispatcher, Layer>()

/**
 * Composes an interceptor onto both global dispatchers; returns a function that undoes this. No undici is imported, and
 * the built-in one is not loaded before the app needs it. In a sandbox (a `node:vm` context, which jest creates for
 * each test file) `fetch` belongs to the process, and reads its dispatcher there: that is covered too.
 *
 * @param onUnreachable called if that is impossible.
 */
export function installGlobally(interceptor: Interceptor, onUnreachable: () => void): () => void {
  const realm = processRealm(onUnreachable)
  const removals = [installInto(globalThis, interceptor)]
  if (realm !== globalThis) {
    void realm.Response // loads the built-in undici, see isEmpty
    removals.push(installInto(realm, interceptor))
  }
  return () => removals.forEach((remove) => remove())
}

function installInto(realm: object, interceptor: Interceptor): () => void {
  const globals: Globals = realm // symbol-keyed globals have no type
  const removals: (() => void)[] = []
  const put = (slot: Slot, over: Dispatcher, below: Dispatch): void => {
    const layer: Layer = { replaced: globals[slot], active: true }
    removals.push(place(globals, slot, wrap(over, layer, interceptor, below), layer))
  }
  const cover = (slot: Slot): void => {
    const there = globals[slot]
    if (there !== undefined) put(slot, there, slot === LEGACY ? speakLegacy(there) : there.dispatch.bind(there))
  }
  // If undici 8 is imported later, it replaces the first slot unless the second is taken.
  const takeCurrent = (): void => {
    const { [LEGACY]: legacy, [CURRENT]: current } = globals
    const below = legacy && layers.get(legacy)?.replaced
    if (below !== undefined && current === undefined) put(CURRENT, below, speakLegacy(below))
  }
  if (isEmpty(globals, LEGACY) && isEmpty(globals, CURRENT)) {
    removals.push(awaitDispatcher([LEGACY, CURRENT], (slot) => cover(slot as Slot), takeCurrent)) // one of the two
  } else {
    cover(LEGACY)
    cover(CURRENT)
    takeCurrent()
  }
  return () => removals.forEach((remove) => remove())
}

/**
 * Whether a slot has no dispatcher and no getter of ours. Another cache may wait there too: then both get the
 * dispatcher.
 */
function isEmpty(globals: Globals, slot: Slot): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(globals, slot)
  // Reading one of its classes loads the built-in undici, and its dispatcher. fetch itself is not called for that,
  // since the app may have mocked it.
  if (descriptor?.get !== undefined) void globalThis.Response
  return descriptor === undefined
}

/** Names of the classes of the global dispatchers below every cache: `Agent`, `EnvHttpProxyAgent`. */
export function dispatcherNames(): string[] {
  const names = new Set(standingDispatchers().map((dispatcher) => dispatcher.constructor.name))
  // undici's own wrapper, by which older copies use the same dispatcher.
  names.delete('Dispatcher1Wrapper')
  return [...names]
}

/** Whether another global dispatcher has replaced a cache's. */
export function isReplaced(): boolean {
  return standingDispatchers().some((dispatcher) => !layers.has(dispatcher))
}

function standingDispatchers(): Dispatcher[] {
  const globals = globalThis as Globals // symbol-keyed globals have no type
  return [globals[LEGACY], globals[CURRENT]].filter((dispatcher) => dispatcher !== undefined)
}

/** A dispatch with the handler interface of the dispatchers in the first slot. */
function speakLegacy(dispatcher: Dispatcher): Dispatch {
  return (opts, handler) =>
    // The old interface has no type in current undici.
    dispatcher.dispatch(opts, legacyHandler(handler) as unknown as Dispatcher.DispatchHandler)
}

// Members that call `this.dispatch`, which must be ours.
const DISPATCHING = new Set<string | symbol>(['compose', 'request', 'stream', 'pipeline', 'connect', 'upgrade'])

/** The existing dispatcher, with the interceptor above its `dispatch`, like undici's own `compose`. */
function wrap(dispatcher: Dispatcher, layer: Layer, interceptor: Interceptor, below: Dispatch): Dispatcher {
  const cached = interceptor(below)
  const dispatch: Dispatch = (opts, handler) => (layer.active ? cached : below)(opts, handler)
  return new Proxy(dispatcher, {
    get(target, name) {
      if (name === 'dispatch') return dispatch
      const value: unknown = Reflect.get(target, name, target)
      // Private members are accessible only on the dispatcher itself.
      return typeof value === 'function' && !DISPATCHING.has(name) && name !== 'constructor'
        ? value.bind(target)
        : value
    },
  })
}

function place(globals: Globals, slot: Slot, dispatcher: Dispatcher, layer: Layer): () => void {
  layers.set(dispatcher, layer)
  if (layer.replaced !== undefined) globals[slot] = dispatcher
  else Object.defineProperty(globals, slot, { value: dispatcher, writable: true, configurable: true })
  return () => {
    layer.active = false
    // A dispatcher that was set later stays.
    if (globals[slot] !== dispatcher) return
    const before = standing(layer.replaced)
    if (before === undefined) delete globals[slot]
    else globals[slot] = before
  }
}

/** The dispatcher below all caches that have been removed since. */
function standing(dispatcher: Dispatcher | undefined): Dispatcher | undefined {
  const layer = dispatcher && layers.get(dispatcher)
  return layer === undefined || layer.active ? dispatcher : standing(layer.replaced)
}
