import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { ClientRequest } from 'node:http'
import { LlmCacheError } from '../base/errors.ts'
import { Warnings } from '../telemetry/diagnostics.ts'
import type { Interceptor } from '../undici/dispatch.ts'
import { installGlobally } from '../undici/install.ts'
import type { CassetteScope } from './scope.ts'

/**
 * Composes a cassette's interceptor onto the global dispatchers, and warns about LLM calls that bypass it through
 * node:http.
 *
 * @returns a function that undoes this.
 * @throws LlmCacheError `ERR_LLM_CACHE_CASSETTE` in a sandbox whose fetch can't be reached: calls would go live.
 */
export function installCassette(interceptor: Interceptor, scope: CassetteScope): () => void {
  const remove = installGlobally(interceptor, unreachable)
  const warnings = new Warnings()
  const listen = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest } // as Node documents it
    const host = request.getHeader('host')
    if (scope.hostOf(`${request.protocol}//${String(host)}`) !== undefined) {
      warnings.warn('LLM_CACHE_CASSETTE_AROUND', `A call to ${String(host)} went around the cassette: ${REMEDY}`)
    }
  }
  subscribe(CHANNEL, listen)
  return () => {
    unsubscribe(CHANNEL, listen)
    remove()
  }
}

const CHANNEL = 'http.client.request.start'
const REMEDY = 'it went by node:http (an old SDK, node-fetch, axios). Give its client the built-in fetch'

function unreachable(): never {
  const why = 'install() runs in a sandbox whose fetch it can not reach (--disallow-code-generation-from-strings)'
  throw new LlmCacheError('ERR_LLM_CACHE_CASSETTE', why)
}
