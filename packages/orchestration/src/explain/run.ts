import type { InstanceKey, ScopeKey, ServiceName } from '@reveille/contracts';
import type { EdgeId } from '../port/ledger.ts';

/** One instance of the plan of a run, dependencies first in its list. */
export type RunInstance = {
  instance: InstanceKey;
  service: ServiceName;
  /** What users read. */
  name: string;
  dependencies: InstanceKey[];
};

/** What is known of an initialization when it begins. Times are the ledger's, epoch ms. */
export type RunHead = {
  initialization: string;
  traceId: string;
  entrypoint: string;
  target: InstanceKey;
  instances: RunInstance[];
  startedAt: number;
  /** How long it was going to take as the first user was told, milliseconds; absent without history. */
  promisedMs?: number;
};

/** One session that waits for an initialization. `user` is a scope key, never a raw id. */
export type RunWait = {
  session: string;
  user: ScopeKey;
  edge: EdgeId;
  from: number;
  /** Absent while it waits, and for ever when its edge died meanwhile. */
  to?: number;
  /** `connected`, a failure code, or `left`. */
  outcome?: string;
};

/** How it ended, as the edge saw it that was last to tell somebody. */
export type RunEnd = { at: number; outcome: string };

/** What is kept of an initialization beside the timelines of its instances. */
export type Run = {
  head: RunHead;
  end?: RunEnd;
  /** Which generation of each instance it was about. */
  generations: Map<InstanceKey, number>;
  /** The first number in line that users were told of a queued instance. */
  positions: Map<InstanceKey, number>;
  /** By their beginning; bounded. */
  waits: RunWait[];
  /** Sessions that waited too and are not listed. */
  unlisted: number;
};

/** What an edge says of a run. Each may come twice. */
export type RunNote =
  | { kind: 'begun'; head: RunHead }
  | { kind: 'waits'; initialization: string; startedAt: number; wait: RunWait }
  | { kind: 'generations'; initialization: string; generations: ReadonlyMap<InstanceKey, number> }
  /** A queued instance is number so and so in line; the first note of each counts. */
  | { kind: 'position'; initialization: string; instance: InstanceKey; position: number }
  /** So many more sessions waited, that are not named. */
  | { kind: 'crowd'; initialization: string; count: number }
  | { kind: 'ended'; initialization: string; end: RunEnd }
  /** This edge is to write the root span, if it is the first to say so. */
  | { kind: 'claimed'; initialization: string; edge: EdgeId };

/** How runs are found. */
export type RunsBy =
  { by: 'all' } | { by: 'entrypoint' | 'session' | 'trace'; value: string } | { by: 'user'; value: ScopeKey };
