import { LRUCache } from 'lru-cache'
import { digest, lengthPrefixed } from '../base/digest.ts'
import { atMost } from '../base/lru.ts'

/** About 500 bytes each: 5 MB when full. */
const MAX_SCOPES = 10_000
/** Far above the number of hosts that one app calls. */
const MAX_HOSTS = 100

/** One `cache_key`: what stands for its callers in the key, and the credential that owns it on each host. */
interface OwnedScope {
  readonly id: string
  readonly owners: Map<string, string>
}

/**
 * Who may share across hosts under a FastRouter `cache_key`. One caller has a credential of its own on each host. So a
 * `cache_key` holds one credential a host: the first that comes with it there. A caller with another credential has
 * chosen the same word by accident, and shares nothing.
 *
 * The id of a scope is made of the credential that opened it. A scope may be forgotten (by a restart, or among 10,000
 * others) and opened again by somebody else: that is another id, so it costs a miss, never another caller's answer.
 */
export class CacheKeyOwners {
  readonly #scopes = new LRUCache<string, OwnedScope>(atMost(MAX_SCOPES))

  /**
   * What stands for the caller in the key (64 hex digits); `undefined` if this caller does not share. `caller` is
   * the digest of its credential.
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
