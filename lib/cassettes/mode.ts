/** What a cassette does with a call; the names that people know from VCR. */
export const CASSETTE_MODES = [
  /** Records where there is no file yet; else replays, and fails what is new. */
  'once',
  /** Replays what is there and records what is new. */
  'new',
  /** Records again. */
  'all',
  /** Only replays: nothing goes to the network. */
  'none',
  /** Neither records nor replays. */
  'off',
] as const

/** One of {@link CASSETTE_MODES}. */
export type CassetteMode = (typeof CASSETTE_MODES)[number]

/** The mode where none is given: `none` in CI, which has no keys and pays for nothing. */
export function defaultMode(environment: NodeJS.ProcessEnv): CassetteMode {
  const { CI } = environment
  return CI === undefined || ['', '0', 'false'].includes(CI.toLowerCase()) ? 'once' : 'none'
}
