import type { Failure, LedgerRecord } from '@reveille/contracts';
import {
  BrokerUnavailable,
  type Driver,
  isUnwanted,
  type Ledger,
  runNameOf,
  type Running,
  type StartRequest,
} from '@reveille/orchestration';
import type { Logger } from '@reveille/telemetry';
import type { Commands } from '../reconcile/apply.ts';
import type { Stopper } from '../stop/stopper.ts';
import type { Subject } from '../subject/subject.ts';
import { AttemptEnded } from './attempt-ended.ts';
import { failureOf } from './failure-of.ts';
import { insist } from './insist.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

type Attempt = {
  record: LedgerRecord;
  subject: Subject;
  keeper: LeaseKeeper;
  driverOf: (subject: Subject) => Driver;
  /** What was asked of the driver, if it came to that. */
  request?: StartRequest | undefined;
  running: Running | undefined;
  phase: string;
  traceparent: string;
};
type Parts = { ledger: Ledger; commands: Commands; stopper: Stopper; logger: Logger };

/** What must be done when an attempt did not become ready. Resolves with its failure, if it was one. */
export async function endAttempt(error: unknown, attempt: Attempt, parts: Parts): Promise<Failure | undefined> {
  const { record, keeper } = attempt;
  const log = { instance: record.instance, generation: record.generation, attempt: record.attempt };
  if (!keeper.trusted() || error instanceof BrokerUnavailable) {
    parts.logger.warn({ ...log, err: error }, 'the claim is lost: nothing more is done and nothing is killed');
    return undefined;
  }
  if (error instanceof AttemptEnded) {
    await (error.why === 'shutdown' ? handBack(attempt, parts) : cancel(attempt, error.why, parts));
    return undefined;
  }
  return fail(error, attempt, parts);
}

/** Nobody waits any more. Should somebody have come just now, what runs stays, for the next attempt to adopt; not so when it was asked for. */
async function cancel(
  { record, subject }: Attempt,
  why: 'unwanted' | 'requested',
  { ledger, commands, stopper, logger }: Parts,
): Promise<void> {
  const [reading] = await ledger.read([record.instance]);
  if (reading?.record?.epoch === record.epoch && (why === 'requested' || isUnwanted(reading)))
    await stopper.stop(reading, subject, why === 'requested' ? why : 'cancelled');
  const back = await commands.apply(record.instance, { kind: 'let_go', epoch: record.epoch });
  const words = back.applied
    ? 'somebody came while it was being cancelled: it goes on'
    : why === 'requested'
      ? 'its end was asked for: stopped'
      : 'nobody waits for it: cancelled';
  logger.info({ instance: record.instance, generation: record.generation }, words);
}

/** The initializer ends: another one takes the start at once, and adopts what outlives this process. */
async function handBack(attempt: Attempt, { commands, logger }: Parts): Promise<void> {
  const { record } = attempt;
  if (record.host !== undefined) await stopRun(attempt, logger);
  await commands.apply(record.instance, { kind: 'let_go', epoch: record.epoch });
}

async function fail(error: unknown, attempt: Attempt, { commands, logger }: Parts): Promise<Failure | undefined> {
  const { record, subject, keeper, phase, traceparent } = attempt;
  const { instance, generation } = record;
  const log = { instance, generation, attempt: record.attempt };
  const failure = failureOf(error, { record, subject, phase, traceparent });
  const logTail = attempt.running?.logs().slice(-20) ?? [];
  const told = failure.logTail || logTail.length === 0 ? failure : { ...failure, logTail };
  if (!(await keeper.confirmed())) {
    logger.warn({ ...log, err: error }, 'an attempt failed whose claim cannot be confirmed: nothing is killed');
    return undefined;
  }
  logger.warn({ ...log, code: failure.code, err: error }, 'an attempt failed');
  await stopRun(attempt, logger);
  const { retry, cooldownMs } = subject.spec;
  const policy = { retry, cooldownMs, random: Math.random() };
  await insist(keeper, () =>
    commands.apply(instance, { kind: 'attempt_failed', epoch: record.epoch, failure: told, policy }),
  );
  return failure;
}

async function stopRun({ record, subject, keeper, driverOf, request }: Attempt, logger: Logger): Promise<void> {
  const { instance, generation } = record;
  const run = { name: record.intent?.name ?? runNameOf(record), instance, generation };
  const options = {
    graceMs: subject.spec.stop.graceMs,
    signal: keeper.lost,
    ...(request === undefined ? {} : { request: () => Promise.resolve(request) }),
  };
  const outcome = await driverOf(subject).stop(run, options);
  if (!outcome.stopped)
    logger.error({ instance, generation, reason: outcome.reason }, 'what an attempt left running could not be stopped');
}
