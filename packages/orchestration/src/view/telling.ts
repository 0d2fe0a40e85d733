import type { LedgerRecord, ServiceName } from '@reveille/contracts';

/** What every frame of one initialization says. Times are the ledger's, epoch ms. */
export type Telling = {
  initialization: string;
  traceId: string;
  startedAt: number;
  now: number;
  deadlineMs: number;
  /** What a start of the service usually takes, from history. */
  expectedMs?: (service: ServiceName) => number | undefined;
  /** The number in line of a queued start, from 1, where it is known. */
  position?: (record: LedgerRecord) => number | undefined;
};

/** The fields that every initialization frame carries. */
export function told(telling: Telling, message: string) {
  return { at: telling.now, elapsedMs: Math.max(0, telling.now - telling.startedAt), message };
}
