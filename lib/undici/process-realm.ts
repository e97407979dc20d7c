import { isProxy } from 'node:util/types'

/**
 * The global object of the process (or worker thread). In a sandbox (a `node:vm` context) `globalThis` is a different
 * one, but Node's own modules, and their `Function`, still belong to the process.
 *
 * @param onUnreachable called if Node runs with `--disallow-code-generation-from-strings` and this is a sandbox; then
 * only the sandbox's own global object is available.
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
