import type { AuditEntry, Pause, PauseTarget } from '@reveille/contracts';

/** What operators have decided, beside the ledger: services and entrypoints that are paused, and who did what. */
export interface Operations {
  /** All pauses: one round trip. */
  pauses(): Promise<Pause[]>;
  /** Begins a pause, or replaces the words of one that is there. */
  pause(pause: Pause): Promise<void>;
  /** False when it was not paused. */
  resume(target: PauseTarget): Promise<boolean>;
  /** Keeps what was done, the newest {@link auditKept} of it. */
  record(entry: AuditEntry): Promise<void>;
  /** The newest `limit` entries, newest first. */
  audit(limit: number): Promise<AuditEntry[]>;
}

/** Entries of the audit log that are kept. */
export const auditKept = 1_000;
