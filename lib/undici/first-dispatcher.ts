/** Slots of the global object by their symbols. */
type Slots = readonly symbol[]

/**
 * Waits for a copy of undici to fill one of the empty slots, without loading one: the built-in undici takes 30 ms and
 * 16 MiB, which a process that never fetches would pay for nothing. `onFilled` is called right after each slot is
 * filled, before any call can be made through it; `onSettled` once that copy has filled all that it fills. Returns the
 * undo.
 *
 * Each copy looks whether its slot is empty when it is loaded, and if so defines it at once, with
 * `Object.defineProperty`, which no setter hears. So a getter answers that look with "empty", and listens to
 * `Object.defineProperty` until the running code gives way.
 */
export function awaitDispatcher(slots: Slots, onFilled: (slot: symbol) => void, onSettled: () => void): () => void {
  let isFilled = false
  let define: typeof Object.defineProperty | undefined
  const isWaiting = (slot: symbol): boolean => Object.getOwnPropertyDescriptor(globalThis, slot)?.get === look
  const forget = (): void => {
    for (const slot of slots) if (isWaiting(slot)) Reflect.deleteProperty(globalThis, slot)
  }
  const fill = (slot: symbol): void => {
    isFilled = true
    onFilled(slot)
  }
  const stopListening = (): void => {
    if (define === undefined) return
    Object.defineProperty = define
    define = undefined
    if (!isFilled) return
    forget()
    onSettled()
  }
  const look = (): undefined => {
    if (define !== undefined) return
    const original = (define = Object.defineProperty)
    Object.defineProperty = (target, name, descriptor) => {
      const result = original(target, name, descriptor)
      if (target === globalThis && slots.some((slot) => slot === name)) fill(name as symbol) // it is one of them
      return result
    }
    queueMicrotask(stopListening)
  }
  for (const slot of slots) {
    const set = (value: unknown): void => {
      Reflect.defineProperty(globalThis, slot, { value, writable: true, configurable: true })
      fill(slot)
    }
    Reflect.defineProperty(globalThis, slot, { get: look, set, configurable: true })
  }
  return forget
}
