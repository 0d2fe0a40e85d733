import { type Failure, type FailureCode, failureCodes, type LedgerRecord } from '@reveille/contracts';
import { attemptsOf, DriverError } from '@reveille/orchestration';
import { traceIdOf } from '@reveille/telemetry';
import type { Subject } from '../subject/subject.ts';

/** Why an attempt failed, in the one shape that crosses processes. */
export function failureOf(
  error: unknown,
  at: { record: LedgerRecord; subject: Subject; phase: string; traceparent: string },
): Failure {
  const known = error instanceof DriverError ? error : undefined;
  const code: FailureCode = known?.code ?? 'driver_error';
  const message = error instanceof Error ? error.message : String(error);
  return {
    code,
    service: at.record.service,
    name: at.subject.name,
    phase: at.phase,
    message: message.slice(0, 2000),
    attempt: at.record.attempt,
    attempts: attemptsOf(at.record, at.subject.spec.retry),
    ...(known?.exitCode === undefined ? {} : { exitCode: known.exitCode }),
    ...(known?.signal === undefined ? {} : { signal: known.signal }),
    ...(known && known.logTail.length > 0
      ? { logTail: known.logTail.slice(-50).map((line) => line.slice(0, 500)) }
      : {}),
    retryable: failureCodes[code].retryable,
    traceId: traceIdOf(at.traceparent) ?? '',
  };
}
