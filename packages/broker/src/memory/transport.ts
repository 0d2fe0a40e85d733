import type { JournalEntry, ReconcileJob, StartJob } from '@reveille/contracts';
import type { EdgeId, StampedEntry } from '@reveille/orchestration';

/** Something on its way between two processes. */
export type MemoryMessage =
  | { kind: 'reconcile'; job: ReconcileJob }
  | { kind: 'start'; job: StartJob }
  | { kind: 'journal'; consumer: string; entries: readonly StampedEntry[] }
  | { kind: 'route'; edge: EdgeId; entries: readonly JournalEntry[] };

/**
 * Carries messages: calls `deliver` once, twice, later or never. What is lost here is lost as it is lost with Redis: a
 * journal delivery comes again, a job or a routed entry does not.
 */
export type MemoryTransport = (message: MemoryMessage, deliver: () => void) => void;

export const promptly: MemoryTransport = (_message, deliver) => queueMicrotask(deliver);
