import type { LedgerRecord } from '@reveille/contracts';
import { DriverError, type Reading } from '@reveille/orchestration';
import { type Logger, newTraceparent } from '@reveille/telemetry';
import type { Applied, Commands } from '../reconcile/apply.ts';
import type { Subject } from '../subject/subject.ts';
import { failureOf } from './failure-of.ts';

/** Why a start was not claimed. */
export type NotClaimed = { refused: Extract<Applied, { applied: false }>['refused'] };

type Parts = { reconciler: { commands: Commands }; logger: Logger };
type Of = { reading: Reading; record: LedgerRecord; subject: Subject };

/** Its service has as many instances as it may: everybody who waits for this one is told so. */
export async function refuse({ reconciler, logger }: Parts, of: Of, limit: number): Promise<NotClaimed> {
  const { reading, record, subject } = of;
  const words = `no more than ${limit} of it may run at a time (limits.instances), and as many do`;
  const failure = failed(new DriverError('quota_exceeded', words), of, 'queued');
  const { cooldownMs } = subject.spec;
  const result = await reconciler.commands.applyTo(reading, { kind: 'refuse', failure, cooldownMs });
  if (!result.applied) return { refused: result.refused };
  logger.warn({ instance: record.instance, limit }, 'refused: limits.instances');
  return { refused: 'state' };
}

/** Its start killed one initializer after the other. */
export async function giveUp({ reconciler }: Parts, of: Of): Promise<void> {
  const { reading, record, subject } = of;
  const words = `its start was taken ${record.attempt} times, and each time its initializer ended meanwhile`;
  const failure = failed(new Error(words), of, 'starting');
  const { retry, cooldownMs } = subject.spec;
  const policy = { retry, cooldownMs, random: Math.random() };
  await reconciler.commands.applyTo(reading, { kind: 'give_up', failure, policy });
}

function failed(error: Error, { record, subject }: Of, phase: string) {
  const traceparent = record.origin?.traceparent ?? newTraceparent();
  return failureOf(error, { record, subject, phase, traceparent });
}
