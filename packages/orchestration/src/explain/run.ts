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
  /** What it waits for; absent in what older versions wrote. */
  target?: InstanceKey;
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
  /** Of the plan that began it. */
  head: RunHead;
  /** Of the plans of other targets that joined it, since they lack the same: each user's agent on one database. */
  others: RunHead[];
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

/** Which part of a run is meant: the plan of a target or of an entrypoint; the one that began it by default. */
export type RunPart = { target?: InstanceKey | undefined; entrypoint?: string | undefined };

/** That the last one leaves is written down before the end of that wait, milliseconds. */
const noticedWithinMs = 1000;

/** The run as those see it who waited for one of its plans. That everybody had left is no end of it if somebody has come since. */
export function partOf(run: Run, { target, entrypoint }: RunPart): Run {
  const heads = [run.head, ...run.others];
  const head =
    heads.find((one) => one.target === target) ?? heads.find((one) => one.entrypoint === entrypoint) ?? run.head;
  const waits = run.waits.filter((wait) => wait.target === undefined || wait.target === head.target);
  const { end, ...rest } = run;
  const goesOn =
    end?.outcome === 'abandoned' && waits.some(({ to }) => to === undefined || to > end.at + noticedWithinMs);
  return { ...rest, ...(end === undefined || goesOn ? {} : { end }), head, waits };
}

/** How runs are found. */
export type RunsBy =
  { by: 'all' } | { by: 'entrypoint' | 'session' | 'trace'; value: string } | { by: 'user'; value: ScopeKey };
