import { checkMembers, fail } from '../base/check.ts'
import { commandsOf, type RedisClient } from './redis/commands.ts'
import { RedisRecords } from './redis/records.ts'
import { checkEncryption, type Encryption } from './encryption.ts'
import { sealedStore } from './seal.ts'
import type { CacheStore } from './store.ts'

export type { IoRedisClient, NodeRedisClient, RedisClient } from './redis/commands.ts'
export type { Encryption } from './encryption.ts'

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /**
   * A client of `redis` 5 or 6, or of `ioredis` 5 or 6: standalone, cluster or sentinel. It belongs to the app and is
   * not closed.
   */
  readonly client: RedisClient
  /** Prefix of every key. Default `llm-cache:`. */
  readonly prefix?: string
  /** How answers are sealed. Default `'credential'`: under a key derived from the caller's API key. */
  readonly encryption?: Encryption
}

/**
 * Stores answers in Redis or Valkey, shared by all processes that use it. A client that was never open is opened; one
 * that the app has closed stays closed. If one process deletes or clears entries, the others drop them within a second,
 * or within a second after a lost Redis is back.
 *
 * @throws TypeError naming a wrong option.
 */
export function redisStore(options: RedisStoreOptions): CacheStore {
  checkMembers(options, { client: () => undefined, prefix: isPrefix, encryption: checkEncryption }, 'redisStore')
  const { client, prefix = 'llm-cache:', encryption = 'credential' } = options
  return sealedStore(new RedisRecords(commandsOf(client), prefix), encryption)
}

function isPrefix(value: unknown, path: string): void {
  if (typeof value !== 'string') fail(path, 'a string such as llm-cache:', value)
}
