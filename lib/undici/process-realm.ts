import { isProxy } from 'node:util/types'

/**
 * The global object of the process (or worker thread). In a sandbox (a `node:vm` context) `globalThis` is another one,
 * but Node's own modules are still those of the process, and with them their `Function`.
 *
 * @param onUnreachable called where Node runs with `--disallow-code-generation-from-strings` and this is a sandbox;
 * then the sandbox's own global object is all there is.
 */
export function processRealm(onUnreachable: () => void): typeof globalThis {
  const { constructor } = isProxy
  if (constructor === Function) return globalThis
  try {
    return constructor('return globalThis')()
  } catch {
    onUnreachable()
    return globalThis
  }
}
