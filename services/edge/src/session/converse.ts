import { closeCodes, type Failure, failureCodes, type InitializationReason } from '@reveille/contracts';
import { raceAbort, sleep } from '@reveille/lifecycle';
import { completedFrame, failedFrame, failureFor } from '@reveille/orchestration';
import type { Metrics } from '@reveille/telemetry';
import { type Initialization, openInitialization } from '../deliver/initialization.ts';
import { plannedOf } from '../deliver/plan-knowledge.ts';
import type { LedgerClock } from '../want/ledger-clock.ts';
import { ownFailure } from '../want/own-failure.ts';
import { GaveUp, type Reached, wantPlan } from '../want/want-plan.ts';
import type { BlockedEvents } from '../upstream/blocked-events.ts';
import { interrupt, nameLost } from './interrupt.ts';
import { Presence } from './presence.ts';
import type { Session } from './session.ts';
import { Talk, type TalkEnd } from './talk.ts';

export type ConverseParts = {
  readonly clock: LedgerClock;
  readonly metrics: Metrics;
  readonly blocked: BlockedEvents;
};

type Failed = Extract<Reached, { outcome: 'failed' }>;

/** Connections that did not last, one after the other, before the service counts as refusing. */
const shortLivedLimit = 5;

/** The course of a session: want the plan, talk, and again whenever the service is lost, until the socket closes. */
export async function converse(session: Session, parts: ConverseParts): Promise<void> {
  let reason: InitializationReason = 'cold';
  let shortLived = 0;
  /** It was quiet, and a message of its has woken the plan again. */
  let roused = false;
  using _ = session.group.keep();
  try {
    for (;;) {
      const reached: Reached = await becomeReady(session, reason, parts);
      if (reached.outcome === 'failed') {
        if (!(await failAndWait(session, reached, parts))) return;
        [reason, roused] = ['retry', false];
        continue;
      }
      // Who was told of a start, or waits for an answer to `hello` or `retry`, is told that it is over. A quiet reconnect is not told.
      if (reached.initialization !== undefined || !(roused || reason === 'lost' || reason === 'replaced'))
        complete(session, reached, parts);
      nameLost(session, reached.upstream);
      const beganAt = performance.now();
      const { end, quiet } = await talk(session, reached, parts);
      if (end.why === 'blocked' || end.why === 'session_over') return;
      // Its service may have let go of it for the edge that continues the session.
      if ((await session.kept?.confirm()) === false) return;
      interrupt(session, end, { speaks: reached.upstream.speaks, quiet });
      roused = quiet && (end.why === 'lost' || end.why === 'replaced');
      if (roused) {
        await nextMessage(session);
        [reason, shortLived] = ['cold', 0];
        continue;
      }
      shortLived = performance.now() - beganAt < session.timings.stableMs ? shortLived + 1 : 0;
      // The service had no hand in this: however often it happens, it only happens more slowly.
      if (end.why === 'roles_changed') shortLived = Math.min(shortLived, shortLivedLimit - 1);
      if (end.why === 'malformed' || shortLived >= shortLivedLimit) {
        session.group.leave(session);
        if (!(await failAndWait(session, refused(session, end.why, reached.traceId), parts))) return;
        [reason, shortLived] = ['retry', 0];
        continue;
      }
      reason = end.why === 'replaced' ? 'replaced' : 'lost';
      if (shortLived > 0) await sleep(session.timings.connectBackoffMs * 2 ** shortLived, session.signal);
    }
  } catch (error) {
    if (error !== session.signal.reason) throw error;
  } finally {
    session.group.leave(session);
  }
}

/** One initialization, ended by the plan's deadline at the latest. */
async function becomeReady(
  session: Session,
  reason: InitializationReason,
  { metrics }: ConverseParts,
): Promise<Reached> {
  const giveUp = session.stage.doing === 'wanting' ? session.stage.giveUp : new AbortController();
  session.stage = { doing: 'wanting', giveUp };
  const deadline = setTimeout(() => giveUp.abort(new GaveUp('deadline')), session.group.entrypoint.deadlineMs);
  const signal = AbortSignal.any([giveUp.signal, session.signal]);
  try {
    return await wantPlan(session, { reason, giveUp: signal, timings: session.timings });
  } finally {
    const { reason: why } = giveUp.signal;
    if (session.signal.aborted || (why instanceof GaveUp && why.why === 'cancelled'))
      metrics.counter('waitsAbandoned').inc({ entrypoint: session.group.name });
    clearTimeout(deadline);
  }
}

function complete(session: Session, { initialization, traceId }: Reached, { clock, metrics }: ConverseParts): void {
  const now = clock.now();
  const started = initialization && { initialization: initialization.id, startedAt: initialization.startedAt };
  session.outbox.send(completedFrame({ traceId, startedAt: now, now, ...started }));
  if (initialization !== undefined) {
    // A generation that follows by itself may carry its origin on: whoever waits for that waits in another initialization.
    session.toldEnds.add(initialization.id);
    session.group.beginning.ended(initialization.id);
  }
  session.logger.info({ trace_id: traceId, initialization: initialization?.id ?? null }, 'ready');
  const outcome = initialization === undefined ? 'warm' : 'completed';
  metrics.counter('initializations').inc({ entrypoint: session.group.name, outcome });
}

async function talk(
  session: Session,
  reached: Extract<Reached, { outcome: 'connected' }>,
  parts: ConverseParts,
): Promise<{ end: TalkEnd; quiet: boolean }> {
  const { inbox, outbox, rules, logger, numbering, group, kept } = session;
  const { upstream, traceId } = reached;
  const onBlocked = (rule: string): void => {
    parts.metrics.counter('blockedFrames').inc({ entrypoint: group.name, rule });
    const service = plannedOf(group.plan, group.plan.target);
    const message = `A frame was blocked by the rule ${rule.slice(0, 500)}.`;
    const failure = ownFailure({ code: 'inauthentic_response', service, phase: 'connected', message, traceId });
    parts.blocked.tell(group.name, rule, failure);
  };
  const onEmitted = (): void => presence.traffic();
  using _ = group.talksTo(upstream.record);
  const talking = new Talk({ upstream, traceId, inbox, outbox, rules, logger, numbering, kept, onBlocked, onEmitted });
  using presence = new Presence({
    afterMs: session.quietAfterMs,
    leave: () => group.leave(session),
    enter: () => group.enter(session),
    isOver: () => talking.over,
    logger,
  });
  session.stage = { doing: 'talking', talk: talking, presence };
  // The service goes on with what it is doing for one who may come back.
  const stop = (): void => talking.stop(session.mayContinue ? 'leave' : 'session_over');
  session.signal.addEventListener('abort', stop, { once: true });
  if (session.signal.aborted) stop();
  else {
    const newest = group.knowledge.target;
    if (newest !== undefined) talking.recheck(newest);
    talking.authorize(session.principal.roles);
    talking.begin();
  }
  const end = await talking.ended;
  session.signal.removeEventListener('abort', stop);
  if ('detail' in end) logger.warn({ trace_id: traceId, why: end.why, detail: end.detail }, 'the upstream ended');
  return { end, quiet: presence.quiet };
}

/** Until a quiet session whose service is gone has something to say again. */
async function nextMessage(session: Session): Promise<void> {
  if (session.inbox.holds) return;
  const said = Promise.withResolvers<void>();
  session.stage = { doing: 'quiet', wake: said.resolve };
  await raceAbort(said.promise, session.signal);
}

function refused(session: Session, why: TalkEnd['why'], traceId: string): Failed {
  const service = plannedOf(session.group.plan, session.group.plan.target);
  const message = why === 'malformed' ? 'It broke the protocol.' : 'It closed every connection at once.';
  const failure = ownFailure({ code: 'upstream_refused', service, phase: 'connected', message, traceId });
  const retryAfterMs = session.timings.ownRetryAfterMs;
  return { outcome: 'failed', failure, retryAfterMs, initialization: undefined, traceId };
}

/** Tells the failure, once. True when the user asked to try again; false when the session is over. */
async function failAndWait(session: Session, failed: Failed, parts: ConverseParts): Promise<boolean> {
  const { outbox, inbox } = session;
  const { failure, retryAfterMs } = failed;
  for (const id of inbox.refuseAll()) {
    outbox.send({ type: 'rejected', id, code: failure.code, message: failureCodes[failure.code].public });
  }
  tellFailure(session, failed, parts);
  if (failure.code === 'cancelled' || !failure.retryable) {
    outbox.close(failure.code === 'cancelled' ? closeCodes.done : closeCodes.initializationFailed);
    return false;
  }
  const retried = Promise.withResolvers<void>();
  session.stage = { doing: 'failed', retryAt: performance.now() + retryAfterMs, retry: retried.resolve };
  const linger = new AbortController();
  const lingerMs = retryAfterMs + session.timings.retryLingerMs;
  const waited = sleep(lingerMs, linger.signal).then(() => 'over' as const);
  try {
    const outcome = await raceAbort(Promise.race([retried.promise, waited]), session.signal);
    if (outcome === 'over') outbox.close(closeCodes.tryLater);
    return outcome !== 'over';
  } finally {
    linger.abort();
  }
}

/** A failure that nobody was told the beginning of (broker away, cooling down, a service that broke the protocol) has an id of its own. */
function tellFailure(session: Session, failed: Failed, { clock, metrics }: ConverseParts): void {
  const { group, principal, outbox, logger } = session;
  const initialization = failed.initialization ?? unannounced(session, failed, clock);
  session.toldEnds.add(initialization.id);
  group.beginning.ended(initialization.id);
  const failure: Failure = failureFor(failed.failure, principal.roles, group.entrypoint.logTailFor);
  outbox.send(failedFrame(failure, failed.retryAfterMs, group.telling(initialization)));
  const { code, service } = failure;
  logger.warn({ trace_id: initialization.traceId, initialization: initialization.id, code, service }, 'failed');
  metrics.counter('initializations').inc({ entrypoint: group.name, outcome: code });
}

function unannounced(session: Session, failed: Failed, clock: LedgerClock): Initialization {
  const { group } = session;
  const status = group.knowledge.status;
  const record = [...group.knowledge.state.values()].find(
    ({ state, origin }) => state === 'failed' && origin !== undefined,
  );
  const origin = status.status === 'failed' ? record?.origin : undefined;
  // Who has just been told how that one ended is told of another.
  const joined = origin !== undefined && session.toldEnds.has(origin.initialization) ? undefined : origin;
  const initialization = openInitialization({ entrypoint: group.name, origin: joined, startedAt: clock.now() });
  initialization.end({ outcome: failed.failure.code, at: Date.now(), isFirst: undefined });
  if (joined !== undefined) group.tellSnapshot(session, 'joined', initialization);
  return initialization;
}
