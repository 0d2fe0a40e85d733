import type { ChangeKind, InstanceKey, LedgerRecord, Origin } from '@reveille/contracts';

/** An edge's name: lower-case letters and digits; also its routing topic. New for each run of an edge. */
export type EdgeId = string;

/** "This edge has users waiting for, or talking to, this instance", until `until` (epoch ms of the ledger's clock). */
export type Interest = { edge: EdgeId; until: number };

/** Who holds the claim (`starting`, `stopping`) or the watch (`ready`) of an instance, until when (epoch ms of the ledger's clock). */
export type Lease = { owner: string; until: number };

/** Which initialization an edge says that it begins, and when it said so (epoch ms of the ledger's clock). */
export type Announcement = { origin: Origin; at: number };

/** One instance as read at one moment of the ledger's own clock. */
export type Reading = {
  instance: InstanceKey;
  /** Changes with each commit and with each edge that joins: a commit made with an older token conflicts. 0: nothing is stored. */
  token: number;
  record: LedgerRecord | undefined;
  /** Entries that have not run out, and, in the grace after an outage of the ledger, those that did. */
  interest: readonly Interest[];
  /** Absent when nobody holds it or when it ran out (the same grace applies). */
  lease: Lease | undefined;
  /** Of the edge that joined first since the last commit: who joins before an initializer has begun belongs to the same one. */
  announced?: Announcement;
  /** The ledger's clock at the reading: epoch milliseconds, and microseconds for minting. */
  now: number;
  nowUs: number;
  /**
   * Present while it cannot be told whether this is the ledger that everybody else writes: on the other side of a partition there may be
   * another primary. What is said here holds for this side; what is missing here proves nothing.
   */
  unconfirmed?: true;
};

/** One change: compare the token, write the record, set lease and attention, append to the journal, all or nothing. */
export type Commit = {
  expected: number;
  /** `revision` is the new token: greater than `expected` (`mint`). */
  record: LedgerRecord;
  change: ChangeKind;
  /** Take or keep the lease for so long, give it up, or (absent) leave it as it is. */
  lease?: { owner: string; ttlMs: number } | 'release';
  /** When the sweep must look again, in ms from now; absent: never (a cold instance that nobody needs). */
  attendInMs?: number;
  /** The record is forgotten after so many ms (ended user scopes). */
  forgetInMs?: number;
};

export type CommitResult =
  | { committed: true; token: number; now: number }
  /** Somebody changed or joined the instance since the reading: read again and decide again. */
  | { committed: false };

/** The record of every instance. Every call is one round trip; each rejects with `BrokerUnavailable` when the ledger is away. */
export interface Ledger {
  /** Instances hash onto this many partitions; the sweep goes over each. */
  readonly partitions: number;
  read(instances: readonly InstanceKey[]): Promise<Reading[]>;
  /**
   * States or renews the interest of `edge` in each, and reads. A new entry changes the token; a renewal does not. With `origin` a new
   * entry announces which initialization it begins, unless another did so within the last `ttlMs`; each commit ends the announcement.
   */
  want(edge: EdgeId, instances: readonly InstanceKey[], ttlMs: number, origin?: Origin): Promise<Reading[]>;
  /** Ends the interest; the sweep looks at each at once. */
  unwant(edge: EdgeId, instances: readonly InstanceKey[]): Promise<void>;
  commit(commit: Commit): Promise<CommitResult>;
  /** Prolongs a lease that `owner` holds under `epoch`. `held: false`: it is somebody else's by now, or the record moved on. */
  renew(instance: InstanceKey, holder: { owner: string; epoch: number; ttlMs: number }): Promise<{ held: boolean }>;
  /** Takes a lease that nobody holds of an instance still at this epoch (the watch of a ready instance whose watcher died). */
  takeWatch(instance: InstanceKey, holder: { owner: string; epoch: number; ttlMs: number }): Promise<{ held: boolean }>;
  /** Instances of a partition whose attention is due or whose lease ran out, at most `limit`; each is given to one caller per second. */
  due(partition: number, limit: number): Promise<InstanceKey[]>;
  /** Every instance that has a record, page by page, without order. */
  list(): AsyncIterable<InstanceKey>;
}

/** Thrown by every port of the broker when Redis does not answer or refuses (READONLY, OOM, LOADING, NOREPLICAS). */
export class BrokerUnavailable extends Error {
  override readonly name = 'BrokerUnavailable';
  /** Of a process that cannot start without it. */
  readonly exitCode = 1;
  get report(): string {
    return this.message;
  }
}
