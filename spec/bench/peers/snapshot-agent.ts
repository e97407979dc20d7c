import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request, SnapshotAgent } from 'undici'
import { HEADERS, PATH, undiciRequest } from '../doors.ts'
import type { Peer } from './peer.ts'

/** undici's recorder for tests. */
export const snapshotAgent: Peer = {
  name: 'undici SnapshotAgent',
  note: 'for tests; undici.request with a string body: it does not read the body of a fetch',
  gives: 'bytes',
  door: undiciRequest.name,
  async open({ origin }) {
    const folder = await mkdtemp(join(tmpdir(), 'snapshot-agent-'))
    const path = join(folder, 'snapshots.json')
    const agent = new SnapshotAgent({ mode: 'update', snapshotPath: path, autoFlush: false })
    return {
      async call(parameters) {
        const init = { method: 'POST', headers: HEADERS, body: JSON.stringify(parameters), dispatcher: agent }
        const { body } = await request(origin + PATH, init)
        return new Uint8Array(await body.arrayBuffer())
      },
      async close() {
        await agent.close()
        await rm(folder, { recursive: true })
      },
    }
  },
}
