import { type Failure, type FailureCode, failureCodes } from '@reveille/contracts';
import type { PlannedInstance } from '@reveille/orchestration';
import type { PlanGroup } from '../deliver/plan-group.ts';
import { plannedOf } from '../deliver/plan-knowledge.ts';

/** A failure that the edge itself came to. @param service whose it is */
export function ownFailure(of: {
  code: FailureCode;
  service: PlannedInstance;
  phase: string;
  message: string;
  traceId: string;
  attempt?: number;
  attempts?: number;
}): Failure {
  const { code, service, phase, message, traceId, attempt = 0, attempts = 0 } = of;
  const { retryable } = failureCodes[code];
  return { code, service: service.service, name: service.name, phase, message, attempt, attempts, retryable, traceId };
}

/** What was waited for when the deadline came: the first service that is not ready is the one to name. */
export function deadlineFailure(group: PlanGroup, traceId: string): Failure {
  const missing = group.knowledge.missing();
  const first = missing[0] ?? plannedOf(group.plan, group.plan.target);
  const record = group.knowledge.record(first.instance);
  const phase = record?.state === 'starting' ? (record.progress?.phase ?? 'starting') : (record?.state ?? 'cold');
  const names = missing.map(({ name }) => name).join(', ') || first.name;
  return ownFailure({
    code: 'deadline_exceeded',
    service: first,
    phase,
    message: `Not ready within ${group.entrypoint.deadlineMs} ms: ${names}.`,
    traceId,
    attempt: record?.attempt ?? 0,
    attempts: record?.attempt ?? 0,
  });
}
