import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '@reveille/contracts';
import type { Operations } from '@reveille/orchestration';
import type { Logger, Metrics } from '@reveille/telemetry';
import type { Audit } from './http/app.ts';
import { Problem } from './http/problem.ts';

/** Writes each action down: a log line, a count, and an entry in Redis. What cannot be kept there has at least its line. */
export function auditTo(of: { operations: Operations; logger: Logger; metrics: Metrics }): Audit {
  return async ({ audited }, input, { by, address }, result) => {
    if (audited === undefined) return;
    const { action } = audited;
    const outcome = result === 'done' ? result : result instanceof Problem ? 'refused' : 'failed';
    const entry: AuditEntry = {
      ...{ version: 1, id: randomUUID(), at: Date.now(), action, outcome, by, address },
      target: audited.target(input as never).slice(0, 200),
      ...(result === 'done' ? {} : { detail: result.message.slice(0, 500) }),
    };
    of.metrics.counter('adminActions').inc({ action, outcome });
    of.logger.info({ audit: entry }, 'an action of the admin API');
    try {
      await of.operations.record(entry);
    } catch (error) {
      of.logger.error(
        { err: error, audit: entry.id },
        'an action could not be kept in the audit log; its line is here',
      );
    }
  };
}
