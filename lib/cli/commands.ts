import type { Define } from './define.ts'

/** One subcommand: a file of its own, loaded when it is called. */
export interface CommandRow {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  readonly load: () => Promise<Define>
}

/** Every subcommand, in the order of the help. Adding one is a row here. */
export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'run',
    summary: 'run a command with the cache in each of its Node processes',
    load: async () => (await import('./run.ts')).defineRun,
  },
  {
    name: 'demo',
    summary: 'the same calls twice through the cache, timed',
    load: async () => (await import('./demo/demo.ts')).defineDemo,
  },
  {
    name: 'stats',
    summary: 'what is in a store, and what it has saved',
    load: async () => (await import('./stats.ts')).defineStats,
  },
  {
    name: 'ls',
    summary: 'the entries of a store',
    load: async () => (await import('./list.ts')).defineList,
  },
  {
    name: 'show',
    summary: 'one entry, and its answer where it can be opened',
    load: async () => (await import('./show.ts')).defineShow,
  },
  {
    name: 'clear',
    summary: 'remove entries from a store',
    load: async () => (await import('./clear.ts')).defineClear,
  },
  {
    name: 'export',
    summary: 'write entries as JSON Lines',
    load: async () => (await import('./export.ts')).defineExport,
  },
  {
    name: 'import',
    summary: 'read what export has written',
    load: async () => (await import('./import.ts')).defineImport,
  },
  {
    name: 'warm',
    summary: 'fill a store with the answers to a file of requests',
    load: async () => (await import('./warm/warm.ts')).defineWarm,
  },
  {
    name: 'doctor',
    summary: 'what would keep calls from being cached here, and what to do',
    load: async () => (await import('./doctor/doctor.ts')).defineDoctor,
  },
  {
    name: 'cassette',
    summary: 'cassettes of recorded answers: ls, show, diff, check, import',
    load: async () => (await import('./cassette/cassette.ts')).defineCassette,
  },
  {
    name: 'ui',
    summary: 'a page that shows what is in a store',
    load: async () => (await import('./ui.ts')).defineUi,
  },
  {
    name: 'explain',
    summary: 'why a call missed, by the entries of a store',
    load: async () => (await import('./explain.ts')).defineExplain,
  },
  {
    name: 'calibrate',
    summary: 'the threshold of semantic matching that an embedder needs',
    load: async () => (await import('./calibrate/calibrate.ts')).defineCalibrate,
  },
]
