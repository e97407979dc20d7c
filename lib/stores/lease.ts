/** Seconds that a lease lives unless it is renewed. */
export const LEASE = 10

/** The right to make the provider call for one key, of one instance. Its holder is known by a token. */
export interface Lease {
  /** Extends it for another {@link LEASE} seconds. `false` if it has expired: another instance may have it now. */
  renew(): Promise<boolean>
  /** Gives it back, if it is still this one's. Never rejects: it expires anyway. */
  release(): Promise<void>
}
