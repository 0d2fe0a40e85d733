import type { JournalEntry, ServerFrame } from '@reveille/contracts';

/** Who a started service is, as it says it itself. `user` and `tenant`: of its scope. */
export type Ran = {
  readonly service: string;
  readonly instance: string;
  readonly generation: number;
  readonly pid: number;
  readonly user?: string;
  readonly tenant?: string;
};

/** A run of ours that was found on the host, by the mark of its process. */
export type FoundRun = Pick<Ran, 'instance' | 'generation' | 'pid'>;

/** Written by the started service itself, before it does what it says. */
export type ServiceEntry = Ran &
  (
    | { readonly did: 'start' | 'ready' | 'term' | 'exit' }
    | { readonly did: 'take'; readonly session: string; readonly id: string }
    | {
        readonly did: 'emit';
        readonly session: string;
        /** Of the session, as the service was told. */
        readonly of: { readonly user: string; readonly tenant?: string };
        readonly hash: string;
      }
  );

/** What came and went over one socket of a user. */
export type UserEntry = { readonly socket: string } & (
  | { readonly did: 'connect'; readonly edge: string; readonly user: string; readonly tenant: string }
  | { readonly did: 'send'; readonly id: string }
  | { readonly did: 'frame'; readonly frame: ServerFrame }
  | { readonly did: 'close'; readonly code: number }
);

/** What was seen from outside, and what was done to it. */
export type WorldEntry =
  | { readonly did: 'commit'; readonly entry: JournalEntry }
  | { readonly did: 'look'; readonly runs: readonly FoundRun[] }
  | { readonly did: 'fault'; readonly name: string }
  /** An initializer was ended: what it started as processes of its host ends with it, whatever the ledger says. */
  | { readonly did: 'initializer_ended' }
  /** A service was ended from outside. */
  | { readonly did: 'service_killed'; readonly pid: number }
  /** Whether the initializers reach a ledger that takes writes. Nothing is reaped while they do not. */
  | { readonly did: 'ledger_away' | 'ledger_back' }
  /** Everything that the ledger said is forgotten. */
  | { readonly did: 'emptied' }
  /** The end: what is not settled by now counts as never settled. */
  | { readonly did: 'end' };

/** `at`: epoch milliseconds; all writers are on one host. */
export type HistoryEntry = { readonly at: number } & (ServiceEntry | UserEntry | WorldEntry);
export type EntryOf<D extends HistoryEntry['did']> = { at: number } & (D extends 'start' | 'ready' | 'term' | 'exit'
  ? Ran & { did: D }
  : Extract<HistoryEntry, { did: D }>);

export function entriesOf<D extends HistoryEntry['did']>(history: readonly HistoryEntry[], ...did: D[]): EntryOf<D>[] {
  return history.filter((entry) => did.some((one) => one === entry.did)) as EntryOf<D>[];
}
