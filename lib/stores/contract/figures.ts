import { deepStrictEqual } from 'node:assert/strict'
import { HOUR, type HourFigures } from '../figures.ts'
import { type StoreCase, withStore } from './store-case.ts'

/** A store with `addFigures` and `figures` adds up. Any other store passes this case. */
export const figureCases: readonly StoreCase[] = [
  {
    title: 'adds figures up by hour and name, each batch once, if it keeps any',
    run: withStore(async (store) => {
      if (store.addFigures === undefined || store.figures === undefined) return
      const now = Math.floor(Date.now() / HOUR) * HOUR
      const all = { at: now, kind: 'all', name: '', counts: { hits: 2, cost: 0.25 } } as const
      const model = { at: now, kind: 'model', name: 'a "b" {c}', counts: { misses: 1 } } as const
      await store.addFigures({ id: '1', figures: [all, model] })
      await store.addFigures({ id: '1', figures: [all, model] })
      const other = { ...model, name: '' }
      const earlier = { ...all, at: now - HOUR }
      await store.addFigures({ id: '2', figures: [all, other, earlier] })
      const whole = { ...all, counts: { hits: 4, cost: 0.5 } }
      deepStrictEqual(sorted(await store.figures(now)), sorted([whole, model, other]))
      deepStrictEqual(sorted(await store.figures(now - HOUR)), sorted([whole, model, other, earlier]))
    }),
  },
]

/** Figures as texts in one order, whatever the order of their members. */
function sorted(figures: readonly HourFigures[]): string[] {
  return figures
    .map(({ at, kind, name, counts }) => JSON.stringify([at, kind, name, Object.entries(counts).toSorted()]))
    .toSorted()
}
