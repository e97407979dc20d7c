/** Which calls are counted: all, those of one model, or those of one namespace. */
export type FigureKind = 'all' | 'model' | 'namespace'

/** Figures of one hour, as a store keeps them. */
export interface HourFigures {
  /** When the hour began, in milliseconds since the epoch. */
  readonly at: number
  readonly kind: FigureKind
  /** The name of the model or namespace; `''` for `all`. */
  readonly name: string
  /** Counts by the figure's name; zeros may be left out. */
  readonly counts: Readonly<Record<string, number>>
}

/** Figures to add at once. */
export interface FigureBatch {
  /** A batch with a known id is not counted again. It is sent again if its outcome is unknown. */
  readonly id: string
  readonly figures: readonly HourFigures[]
}

/** Milliseconds. */
export const HOUR = 3_600_000
/** Milliseconds that figures are kept: 30 days. */
export const FIGURES_KEPT: number = 720 * HOUR
/** Milliseconds that the id of a batch is remembered. */
export const BATCH_KNOWN: number = HOUR
/** Number of models, and of namespaces, that an hour distinguishes; further ones count under {@link OTHERS}. */
export const MAX_NAMES = 200
/** The name under which further ones are counted. */
export const OTHERS = 'other'

/** Adds counts up, by name. */
export function addCounts(sum: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count
}
