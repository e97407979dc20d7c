import { LRUCache } from 'lru-cache'
import { digest, lengthPrefixed } from '../base/digest.ts'

/** About 500 bytes each: 5 MB when full. */
const MAX_SCOPES = 10_000
/** Far above the hosts of one app; only made-up ones can reach it. */
const MAX_HOSTS = 100

/** One `cache_key`: what stands in its callers' place in the key, and whose credential it is on each host. */
interface OwnedScope {
  readonly id: string
  readonly owners: Map<string, string>
}

/**
 * Who may share across hosts under a FastRouter `cache_key`. Hosts have different credentials by nature, so a `cache_key`
 * names a scope that holds one credential a host: the first one that is seen with it there. Whoever comes to the same host
 * with another credential chose the same word by accident, and never shares.
 *
 * A scope's id is made of the credential that opened it. So a scope that was forgotten (a restart, or more than 10,000 of
 * them) and is opened by somebody else is another scope: it can cost a miss, never another caller's answer.
 */
export class CacheKeyOwners {
  readonly #scopes = new LRUCache<string, OwnedScope>({ max: MAX_SCOPES })

  /**
   * What stands in the caller's place in the key (64 hex digits), or `undefined` where this caller does not share.
   * `caller` is the digest of its credential.
   */
  scopeOf(cacheKey: string, origin: string, caller: string): string | undefined {
    let scope = this.#scopes.get(cacheKey)
    if (scope === undefined) {
      scope = { id: digest(lengthPrefixed(['cache-key', cacheKey, origin, caller])), owners: new Map() }
      this.#scopes.set(cacheKey, scope)
    }
    const { id, owners } = scope
    if (!owners.has(origin) && owners.size < MAX_HOSTS) owners.set(origin, caller)
    return owners.get(origin) === caller ? id : undefined
  }
}
