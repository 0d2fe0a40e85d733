import type { InstanceKey, ServiceName } from '@reveille/contracts';

/** Whose place: a later generation of the same instance takes over that of an earlier one. */
export type Reservation = { service: ServiceName; instance: InstanceKey; generation: number };

/** The places of services with `limits.instances`, over all initializers. Leased, so that those of dead owners come free. */
export interface Quotas {
  /** Refused when `limit` other instances of the service hold a place. */
  reserve(
    reservation: Reservation,
    of: { limit: number; ttlMs: number },
  ): Promise<{ reserved: true } | { reserved: false; held: number }>;
  /** Prolongs a place, and gives back one that was lost with the ledger: the instance is there. */
  hold(reservation: Reservation, ttlMs: number): Promise<void>;
  /** Frees a place, unless a later generation has it. */
  release(reservation: Reservation): Promise<void>;
}
