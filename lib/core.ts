import type { Counters } from './stats.ts'
import type { Warnings } from './diagnostics.ts'
import type { Flights } from './flights.ts'
import type { ResolvedOptions } from './options.ts'
import type { Match } from './providers/provider.ts'
import type { Identifier } from './request/identify.ts'
import type { compileRules } from './request/rules.ts'
import type { Scope } from './request/scope.ts'
import type { HitHeads } from './response/hit-heads.ts'
import type { Retries } from './retries.ts'
import type { SampleTurns } from './samples.ts'
import type { Filter } from './stores/store.ts'
import type { Tiers } from './stores/tiered.ts'

/** The parts of one cache: what `createLlmCache` puts together and each call works with. */
export interface Core {
  readonly options: ResolvedOptions
  readonly match: (origin: string | URL | undefined, path: string) => Match | undefined
  readonly identifier: Identifier
  readonly rule: ReturnType<typeof compileRules>
  readonly scope: Scope
  readonly tiers: Tiers
  readonly flights: Flights
  readonly heads: HitHeads
  readonly retries: Retries
  readonly samples: SampleTurns
  readonly counters: Counters
  readonly warnings: Warnings
  closed: boolean
  /** Takes entries out, and keeps answers that are still on their way from becoming entries. */
  clear(filter: Filter): Promise<number>
}
