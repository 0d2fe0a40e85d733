import {
  type LedgerRecord,
  type Scope,
  type ScopeKey,
  type ScopeKeys,
  type StartJob,
  type Urgency,
  urgency,
} from '@reveille/contracts';
import type { Interest, Reading } from '../port/index.ts';

/**
 * The place of a queued start in the order of admission: the more urgent first, then by turn, then by age. Turns are those of
 * start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996) with every start of the same weight: the lanes of tenants take turns.
 */
export type Turn = { readonly urgency: Urgency; readonly turn: number; readonly since: number };

export function compareTurns(a: Turn, b: Turn): number {
  const urgent = urgency.options.indexOf(a.urgency) - urgency.options.indexOf(b.urgency);
  return urgent || a.turn - b.turn || a.since - b.since;
}

/** The turn that is being served, and the lanes that have had it. */
export type Served = { readonly turn: number; readonly lanes: readonly ScopeKey[] };

/**
 * The turn of one more start of a lane: after those of its lane that are queued, else in the turn that is being served, unless the
 * lane has had that. So a lane that begins to wait is passed by every other lane once at most.
 */
export function nextTurn({ turn, lanes }: Served, lane: ScopeKey, lastQueued: number | undefined): number {
  if (lastQueued !== undefined) return Math.max(turn, lastQueued + 1);
  return lanes.includes(lane) ? turn + 1 : turn;
}

export function serve(served: Served, turn: number, lane: ScopeKey): Served {
  if (turn > served.turn) return { turn, lanes: [lane] };
  // An earlier turn: it had to wait for the limit of its tenant.
  return turn < served.turn || served.lanes.includes(lane) ? served : { turn, lanes: [...served.lanes, lane] };
}

/** Whose turn it is: a tenant's, with all its users. Without a tenant a user has turns of his own, and what belongs to all has as well. */
export function laneOf({ kind }: Pick<Scope, 'kind'>, { global, tenant, user }: ScopeKeys): ScopeKey {
  return kind === 'global' ? global : (tenant ?? user);
}

/** How the interest of operators is named: they want something for later, and no user waits for it. No edge has such a name. */
export const operatorPrefix = 'admin';

export function isOfOperator({ edge }: Pick<Interest, 'edge'>): boolean {
  return edge.startsWith(operatorPrefix);
}

/** How urgent the start of an instance is. `resumed`: it is under way and its holder is gone, so that users have waited for a while. */
export function urgencyOf({
  interest,
  record,
}: Pick<Reading, 'interest'> & { record: Pick<LedgerRecord, 'state'> | undefined }): Urgency {
  if (record?.state === 'starting') return 'resumed';
  return interest.length > 0 && interest.every(isOfOperator) ? 'warming' : 'waiting';
}

/** The same attempt of the same generation, whoever asks for it. */
export function isSameStart(a: StartJob, b: StartJob): boolean {
  return a.instance === b.instance && a.generation === b.generation && a.attempt === b.attempt;
}
