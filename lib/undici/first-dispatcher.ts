/** Slots of the global object by their symbols. */
type Slots = readonly symbol[]

/**
 * Waits until a copy of undici fills one of the empty slots, without loading one: the built-in undici takes 30 ms and
 * 16 MiB, which would be wasted in a process that never fetches. `onFilled` is called right after each slot is filled,
 * before any call can be made through it; `onSettled` once that copy has filled all of its slots. Returns a function
 * that cancels this.
 *
 * When it is loaded, each copy checks whether its slot is empty, and if so defines it at once with
 * `Object.defineProperty`, which triggers no setter. So a getter answers that check with "empty", and
 * `Object.defineProperty` is watched until the running code has finished.
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
      if (target === globalThis && slots.some((slot) => slot === name)) fill(name as symbol) // one of the slots, which are symbols
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
