import { LRUCache } from 'lru-cache'
import { digest, lengthPrefixed } from '../base/digest.ts'
import { atMost } from '../base/lru.ts'

/** About 500 bytes each: 5 MB when full. */
const MAX_SCOPES = 10_000
/** Far above the number of hosts that an app calls. */
const MAX_HOSTS = 100

/** A `cache_key`: what represents its callers in the key, and the credential that owns it on each host. */
interface OwnedScope {
  readonly id: string
  readonly owners: Map<string, string>
}

/**
 * Decides who may share across hosts under a FastRouter `cache_key`. A caller has a different credential on each host,
 * so a `cache_key` accepts one credential for each host: the first that is used with it there. A caller with another
 * credential has chosen the same word by accident, and shares nothing.
 *
 * A scope's id is derived from the credential that created it. If a scope is forgotten (by a restart, or among 10,000
 * others) and created again by somebody else, it has another id: that costs a miss, and never gives another caller's
 * answer.
 */
export class CacheKeyOwners {
  readonly #scopes = new LRUCache<string, OwnedScope>(atMost(MAX_SCOPES))

  /**
   * What represents the caller in the key (64 hex digits); `undefined` if this caller does not share.
   *
   * @param caller the digest of its credential
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
