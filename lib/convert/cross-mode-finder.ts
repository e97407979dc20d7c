import type { Finder, FinderCall, Found } from '../finders/finder.ts'

type OtherForm = typeof import('./other-form.ts')

/**
 * Answers a call from the entry of its other form: a stream from the stored JSON of the same call, or the reverse. The
 * conversion code is loaded by the first miss that needs it.
 *
 * @param options `maxEntrySize`: largest answer, in bytes
 */
export function crossModeFinder({ maxEntrySize }: { readonly maxEntrySize: number }): Finder {
  let loaded: OtherForm | undefined
  const find = (call: FinderCall): Found | Promise<Found> => {
    if (loaded !== undefined) return loaded.findOtherForm(call, maxEntrySize)
    return import('./other-form.ts').then((module) => (loaded = module).findOtherForm(call, maxEntrySize))
  }
  return {
    name: 'cross-mode',
    open: (call) => (call.plan.crossMode ? { find: () => find(call) } : undefined),
  }
}
