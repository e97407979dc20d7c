import { CALLER, killedEntry, killedQuestion } from './killed-entry.ts'
import { sqliteStore } from '../../lib/stores/sqlite.ts'

/** What was confirmed: these entries are in the file, and those are gone from it. */
export interface Confirmed {
  readonly stored: readonly number[]
  readonly removed: readonly number[]
}

// Stores and removes as fast as it can until it is killed, and tells what a flush has confirmed.
// An app has more to do than to store: a store alone keeps no process alive.
process.channel?.ref()
const [path = '', first = '0'] = process.argv.slice(2)
const store = sqliteStore({ path })
for (let serial = Number(first); ; serial += 8) {
  const serials = Array.from({ length: 8 }, (_, at) => serial + at)
  await Promise.all(
    serials.map(async (one) => {
      await store.set(killedEntry(one), CALLER)
      await store.questions?.add(killedQuestion(one), CALLER)
    }),
  )
  const [removed = serial] = serials
  await (serial % 16 === 0
    ? store.delete(killedEntry(removed).key)
    : store.clear({ tag: killedEntry(removed).tags[0] ?? '' }))
  await store.flush?.()
  const told: Confirmed = { stored: serials.slice(1), removed: [removed] }
  process.send?.(told)
}
