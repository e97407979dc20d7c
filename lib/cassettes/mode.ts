/** What a cassette does with a call. Names as in VCR. */
export const CASSETTE_MODES = [
  /** Records if there is no file yet; otherwise replays, and fails new calls. */
  'once',
  /** Replays recorded calls, and records new ones. */
  'new',
  /** Records every call again. */
  'all',
  /** Only replays. Nothing goes to the network. */
  'none',
  /** Neither records nor replays. */
  'off',
] as const

/** One of {@link CASSETTE_MODES}. */
export type CassetteMode = (typeof CASSETTE_MODES)[number]

/** The default mode: `none` if `CI` is set, since CI has no API keys and should not pay; `once` elsewhere. */
export function defaultMode(environment: NodeJS.ProcessEnv): CassetteMode {
  const { CI } = environment
  return CI === undefined || ['', '0', 'false'].includes(CI.toLowerCase()) ? 'once' : 'none'
}
