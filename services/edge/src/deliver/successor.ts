import { type InitializationReason, type Origin, successorKey } from '@reveille/contracts';
import type { Plan, PlanState } from '@reveille/orchestration';
import { promisedRoot } from '@reveille/telemetry';

/** Ready, or on its way from there to cold. */
const wasReady = new Set(['ready', 'lost', 'stopping', 'cold']);

/**
 * What follows a generation of the target that was ready is called by that generation. So all edges that lose it tell their users of one
 * initialization without asking anybody, in whatever order they notice and however far the ledger has gone meanwhile. Undefined when
 * nothing was lost: a plan that is cold begins under a name that is announced.
 */
export function successorOf(plan: Plan, state: PlanState, reason: InitializationReason): Origin | undefined {
  const record = state.get(plan.target);
  if (record?.timings.readyAt === undefined || !wasReady.has(record.state)) return undefined;
  const isLost = reason === 'lost' || reason === 'replaced' || record.losses?.at(-1) === record.timings.endedAt;
  // Stopped for another reason, and nobody here was on it: this is a start like any other.
  if (record.state === 'cold' && !isLost) return undefined;
  const { id, traceparent } = promisedRoot(successorKey(record.instance, record.generation));
  return { initialization: id, traceparent };
}
