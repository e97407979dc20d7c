import { createClient } from 'redis'
import { redisStore } from '../../lib/stores/redis.ts'
import { isInstalled } from '../support/binary.ts'
import { openRedis } from '../support/redis-server.ts'
import { measureStoreHit } from './store-hit.ts'
import type { Workload } from './workload.ts'

/** What a hit from Redis costs, beside the bare client's GET of the same bytes. */
export const w15: Workload = {
  id: 'W15',
  title: 'hit from Redis: fetch of a JSON answer of 20 kB',
  async run(pace) {
    if (!isInstalled('redis-server')) return []
    await using server = await openRedis()
    const client = await createClient({ url: server.url }).connect()
    const rows = await measureStoreHit(
      {
        name: 'Redis',
        factor: 1.3,
        open: (encryption) => redisStore({ client, prefix: `${encryption}:`, encryption }),
        bare: async (bytes) => {
          await client.set('bare', Buffer.from(bytes))
          const buffers = client.withTypeMapping({ 36: Buffer })
          return () => buffers.get('bare')
        },
      },
      pace,
    )
    client.destroy()
    return rows
  },
}
