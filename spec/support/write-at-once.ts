import { makeEntry } from '../../lib/stores/contract.ts'
import { Writer } from '../../lib/stores/sqlite/writer.ts'
import { clearRecord } from '../../lib/stores/transfer.ts'

// Run in a process of its own, several of which begin one file at the same time.
const [path = '', name = ''] = process.argv.slice(2)
process.send?.('ready')
process.once('message', () => {
  const writer = new Writer({ path, maxSize: 2 ** 40, busyTimeout: 5_000, eraseDeleted: false }, () => undefined)
  const outcomes = Array.from({ length: 20 }, (_, at) => {
    const record = clearRecord(makeEntry({ key: `${name} ${at}` }))
    return writer.apply([{ kind: 'write', isRestored: false, ...record }])[0]
  })
  writer.close()
  process.send?.(outcomes)
  process.disconnect()
})
