/** Seconds that a lease lives unless it is renewed. */
export const LEASE = 10

/** The right of one instance to make the provider call for a key. Its holder is identified by a token. */
export interface Lease {
  /** Extends it for another {@link LEASE} seconds. `false` if it has expired: another instance may have it now. */
  renew(): Promise<boolean>
  /** Releases the lease, if this instance still has it. Never rejects, since the lease expires anyway. */
  release(): Promise<void>
}
