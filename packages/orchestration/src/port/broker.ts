import type { Journal, Router, Timelines } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { MessageRates } from './message-rates.ts';
import type { Operations } from './operations.ts';
import type { Connections, Members } from './presence.ts';
import type { Quotas } from './quotas.ts';
import type { SessionStore } from './session-store.ts';
import type { WakeUps, WakeUpSource } from './wake-ups.ts';
import type { Webhooks } from './webhooks.ts';

/** All ports of the broker, as one process holds them. */
export interface Broker extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly wakeUps: WakeUps & WakeUpSource;
  readonly journal: Journal;
  readonly router: Router;
  readonly timelines: Timelines;
  readonly connections: Connections;
  readonly members: Members;
  readonly quotas: Quotas;
  readonly sessions: SessionStore;
  readonly messageRates: MessageRates;
  readonly operations: Operations;
  readonly webhooks: Webhooks;
  /** `undefined` when Redis answers, else why not, in words. */
  unavailable(): string | undefined;
}
