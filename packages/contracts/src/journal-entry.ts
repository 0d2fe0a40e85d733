import { z } from 'zod';
import { ledgerRecord } from './record.ts';

/** What a commit was about; the record says the rest. */
export const changeKind = z.enum([
  'wanted',
  'joined',
  'queued',
  'claimed',
  'progress',
  'ready',
  'attempt_failed',
  'failed',
  'lost',
  'stop_requested',
  'stopping',
  'stopped',
]);
export type ChangeKind = z.infer<typeof changeKind>;

/** One ledger change as the outside hears it: the record after the change, so that any later entry supersedes it. */
export const journalEntry = z.object({
  version: z.literal(1),
  change: changeKind,
  /** Epoch milliseconds of Redis TIME. */
  at: z.number(),
  record: ledgerRecord,
});
export type JournalEntry = z.infer<typeof journalEntry>;
