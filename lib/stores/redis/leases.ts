import { randomUUID } from 'node:crypto'
import { LEASE, type Lease } from '../lease.ts'
import type { RedisCommands } from './commands.ts'

const LIFE = String(LEASE * 1000)
// Only the holder's token may renew or release a lease:
// https://redis.io/docs/latest/develop/clients/patterns/distributed-locks/
const RENEW =
  "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end"
const RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end"

/** Takes the lease stored under `name`; `undefined` if another instance has it. */
export async function takeLease(commands: RedisCommands, name: string): Promise<Lease | undefined> {
  const token = randomUUID()
  const release = async (): Promise<void> => {
    await commands.send(name, ['EVAL', RELEASE, '1', name, token]).catch(() => undefined)
  }
  const reply = await commands.send(name, ['SET', name, token, 'NX', 'PX', LIFE]).catch((error: unknown) => {
    // If a client gives a command up, it is unknown whether it was carried out.
    void release()
    throw error
  })
  if (reply === null) return undefined
  return {
    renew: async () => (await commands.send(name, ['EVAL', RENEW, '1', name, token, LIFE])) === 1,
    release,
  }
}
