import type { ReplayMode } from '../replay/replay.ts'
import type { KeyOptions } from './keys.ts'
import type { RecordPolicy } from './log.ts'
import type { CassetteMode } from './mode.ts'
import type { RedactionOptions } from './redaction.ts'
import type { ScopeOptions } from './scope.ts'

/** The options of a cassette, with defaults filled in. `openCassette` documents them. */
export interface CassetteOptions extends ScopeOptions, KeyOptions, RedactionOptions {
  readonly mode: CassetteMode
  readonly record: RecordPolicy
  /** Seconds; `Infinity` if no entry is too old. */
  readonly maxAge: number
  readonly prune: boolean
  readonly replay: ReplayMode
}
