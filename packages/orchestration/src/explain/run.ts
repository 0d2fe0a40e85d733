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
  /** Its root span in the live trace; absent in what older versions wrote. */
  traceparent?: string;
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
  /** Which generations of each instance it was about, the oldest first: more than one where something was lost meanwhile. */
  generations: Map<InstanceKey, number[]>;
  /** The first number in line that users were told, by {@link placeOf} what was queued. */
  positions: Map<string, number>;
  /** By their beginning; bounded. */
  waits: RunWait[];
  /** Sessions that waited too and are not listed. */
  unlisted: number;
  /** The edge or relay that writes the root span; absent until that is claimed. */
  rootBy?: string;
};

/** Names one place in the queue. @param queued `attempt` is how many had been made before */
export function placeOf(queued: { instance: InstanceKey; generation: number; attempt: number }): string {
  return `${queued.instance}.${queued.generation}.${queued.attempt}`;
}

/** What an edge says of a run. Each may come twice. */
export type RunNote =
  | { kind: 'begun'; head: RunHead }
  | { kind: 'waits'; initialization: string; startedAt: number; wait: RunWait }
  | { kind: 'generations'; initialization: string; generations: ReadonlyMap<InstanceKey, number> }
  /** What is queued is number so and so in line; the first note of each place counts. */
  | { kind: 'position'; initialization: string; place: string; position: number }
  /** So many more sessions waited, that are not named. */
  | { kind: 'crowd'; initialization: string; count: number }
  | { kind: 'ended'; initialization: string; end: RunEnd }
  /** This edge or relay is to write the root span, or the span of the wait of one session, if it is the first to say so. */
  | { kind: 'claimed'; initialization: string; by: string; session?: string };

/** How runs are found. */
export type RunsBy =
  { by: 'all' } | { by: 'entrypoint' | 'session' | 'trace'; value: string } | { by: 'user'; value: ScopeKey };
