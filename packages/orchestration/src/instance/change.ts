import type { LedgerRecord } from '@reveille/contracts';
import type { Commit } from '../port/index.ts';
import type { Refusal } from './command.ts';

/** What a command makes of a record; the caller adds revision and token. */
export type Change = Omit<Commit, 'expected' | 'record'> & { record: Omit<LedgerRecord, 'revision'> };

/** What one command comes to. */
export type Outcome = Change | Pick<Refusal, 'refused'>;
