import type { InstanceKey, ScopeKey, StartJob, Urgency } from '@reveille/contracts';
import type { AdmissionLimits } from '../port/index.ts';
import { compareTurns, isSameStart, nextTurn, serve, type Served, type Turn } from './turn.ts';

export type Queued = Turn & { readonly job: StartJob };
/** A start that was let in, until it is over or (epoch ms) its lease runs out. */
export type Slot = { readonly job: StartJob; readonly owner: string; readonly until: number };

/** The line of queued starts and those that were let in. An instance is in one of them at most, and once. */
export type Admission = {
  readonly queued: readonly Queued[];
  readonly slots: readonly Slot[];
  readonly served: Readonly<Record<Urgency, Served>>;
};

const none: Served = { turn: 0, lanes: [] };
export const nobody: Admission = {
  queued: [],
  slots: [],
  served: { resumed: none, waiting: none, warming: none },
};

/** One more start. Asked for again it keeps its place; a later attempt takes the place, and the slot, of an earlier one. */
export function enter(admission: Admission, job: StartJob, since: number): Admission {
  const { queued, served } = admission;
  const slot = admission.slots.find((one) => one.job.instance === job.instance);
  if (slot && isSameStart(slot.job, job)) return admission;
  const slots = admission.slots.filter((one) => one !== slot);
  const others = queued.filter((one) => one.job.instance !== job.instance);
  const known = queued.find((one) => one.job.instance === job.instance);
  const place =
    known && known.job.lane === job.lane && known.urgency === job.urgency
      ? known
      : { urgency: job.urgency, since, turn: nextTurn(served[job.urgency], job.lane, lastTurn(others, job)) };
  return { served, slots, queued: [...others, { ...place, job }].toSorted(compareTurns) };
}

function lastTurn(queued: readonly Queued[], { lane, urgency }: StartJob): number | undefined {
  return queued.findLast((one) => one.job.lane === lane && one.urgency === urgency)?.turn;
}

/** Nobody waits for it any more: it gives up its place, unless that is a later generation's by now. */
export function withdraw(admission: Admission, instance: InstanceKey, generation: number): Admission {
  const queued = admission.queued.filter(({ job }) => job.instance !== instance || job.generation > generation);
  return { ...admission, queued };
}

/** Slots whose start is over, or whose holder has not renewed them. */
export function release(admission: Admission, isOver: (slot: Slot) => boolean): Admission {
  return { ...admission, slots: admission.slots.filter((slot) => !isOver(slot)) };
}

/** Lets in whoever is next, if there is room. The caller has released what ran out. */
export function admit(
  admission: Admission,
  of: { owner: string; until: number; limits: AdmissionLimits },
): { admission: Admission; admitted: StartJob | undefined } {
  const { pool = Infinity } = of.limits;
  const [next] = admission.slots.length < pool ? admissible(admission, of.limits) : [];
  if (next === undefined) return { admission, admitted: undefined };
  const { job, urgency, turn } = next;
  const served = { ...admission.served, [urgency]: serve(admission.served[urgency], turn, job.lane) };
  const slots = [...admission.slots, { job, owner: of.owner, until: of.until }];
  return { admission: { served, slots, queued: admission.queued.filter((one) => one !== next) }, admitted: job };
}

/** In order: the first of each lane, as many as its tenant may have under way beside those that are. */
export function admissible({ queued, slots }: Admission, { perTenant = Infinity }: AdmissionLimits): Queued[] {
  const taken = new Map<ScopeKey, number>();
  const take = (lane: ScopeKey): number => taken.set(lane, (taken.get(lane) ?? 0) + 1).get(lane) ?? 0;
  for (const { job } of slots) take(job.lane);
  return queued.filter(({ job }) => take(job.lane) <= perTenant);
}

/**
 * The number of an instance in line, from 1: one more than those that would be let in before it if nobody else came. Undefined when
 * it is not in line.
 */
export function positionOf(admission: Admission, limits: AdmissionLimits, instance: InstanceKey): number | undefined {
  const mine = admission.queued.find(({ job }) => job.instance === instance);
  if (mine === undefined) return undefined;
  const others = admissible(admission, limits).filter(({ job }) => job.lane !== mine.job.lane);
  const ofLane = admission.queued.filter(({ job }) => job.lane === mine.job.lane);
  return 1 + [...others, ...ofLane].filter((one) => compareTurns(one, mine) < 0).length;
}
