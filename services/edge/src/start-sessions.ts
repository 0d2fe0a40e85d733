import type { KeyObject } from 'node:crypto';
import type { ServiceName } from '@reveille/contracts';
import { interval, type Scope } from '@reveille/lifecycle';
import { type Broker, type EdgeId, type Member, timing } from '@reveille/orchestration';
import { edgePublicKey } from '@reveille/service-kit/keys';
import type { Logger, Metrics } from '@reveille/telemetry';
import type { Authenticate } from './accept/authenticate.ts';
import { PlanGroups } from './deliver/plan-groups.ts';
import { subscribe } from './deliver/subscriptions.ts';
import { KeptSessions } from './keep/kept-sessions.ts';
import { ConnectionLeases } from './limit/connection-leases.ts';
import { MessageAllowances } from './limit/message-allowances.ts';
import { RunNotes } from './note/run-notes.ts';
import { Sessions } from './session/sessions.ts';
import type { EdgeTimings } from './timings.ts';
import { BlockedEvents } from './upstream/blocked-events.ts';
import { EntrypointPauses } from './want/entrypoint-pauses.ts';
import { Expectations } from './want/expectations.ts';
import { Interest } from './want/interest.ts';
import { LedgerClock } from './want/ledger-clock.ts';
import { SeenGenerations } from './want/seen-generations.ts';

export type SessionsParts = {
  edge: EdgeId;
  broker: Broker;
  /** Absent: everybody is whom he says he is. */
  authenticate: Authenticate | undefined;
  signingKey: KeyObject;
  timings: EdgeTimings;
  /** Of the catalog at the start: how long their starts take is asked for before somebody waits for one. */
  services: readonly ServiceName[];
  /** A limit was reached; `limit` is one of few names. */
  onLimit(limit: string): void;
  logger: Logger;
  metrics: Metrics;
};

/**
 * All that an edge does with the sockets that it has accepted, joined: greet, want, tell, talk, keep. Whatever it is given may be a twin.
 * The sessions are the caller's to dispose, before the scope and before the port that their sockets came by.
 */
export async function startSessions(scope: Scope, of: SessionsParts): Promise<Sessions> {
  const { edge, broker, signingKey, timings, logger, metrics, onLimit } = of;
  const { leaseMs, brokerMs, rereadMs: freshMs, slowEveryMs } = timings;
  const { timelines, members } = broker;
  const clock = new LedgerClock();
  const expectations = new Expectations(timelines, logger);
  const interest: Interest = new Interest({
    ...{ edge, ledger: broker.ledger, clock, logger, leaseMs, brokerMs },
    onReadings: (readings) => groups.hear(readings),
  });
  const backMs = timing.lingerMs.value + 1000;
  const notes = new RunNotes({ edge, timelines, members, clock, logger, backMs, brokerMs });
  const pauses = scope.use(new EntrypointPauses(broker.operations, logger), 'pauses');
  await pauses.read().catch((error: unknown) => logger.warn({ err: error }, 'pauses could not be read yet'));
  const groups = new PlanGroups({
    ...{ edge, clock, expectations, interest, notes, freshMs, slowEveryMs, logger },
    seen: new SeenGenerations(),
    isPaused: (entrypoint) => pauses.has(entrypoint),
    wakeUps: broker.wakeUps,
  });
  scope.use(notes, 'notes');
  scope.use(interest, 'interest');
  scope.use(groups, 'plan groups');
  scope.use(await subscribe({ edge, router: broker.router, groups, logger }), 'subscription');
  const { connections, sessions: store, rates, webhooks } = broker;
  const leases = scope.use(new ConnectionLeases({ connections, logger, leaseMs, brokerMs }), 'places of connections');
  const kept = scope.use(new KeptSessions({ edge, store, onLimit, logger, leaseMs, brokerMs }), 'kept sessions');
  const startedAt = Date.now();
  const edgeKey = edgePublicKey(signingKey);
  const self = (): Member => ({ id: edge, kind: 'edge', edgeKey, sessions: groups.counts(), startedAt });
  announce(self, { members, scope, leaseMs, logger });
  void expectations.refresh(of.services);
  metrics.beforeRead(() => {
    metrics.gauge('waiters').set(groups.waiting);
    metrics.gauge('progressAgeMs').set(Math.round(groups.silentMs));
  });
  const { authenticate } = of;
  const allowances = new MessageAllowances(rates);
  return new Sessions(
    { authenticate, groups, leases, kept, allowances, signingKey, timings, logger, onLimit },
    { clock, metrics, blocked: new BlockedEvents({ webhooks, members, logger }) },
  );
}

/** Says that this edge is alive, as long as it is. */
function announce(
  self: () => Member,
  { members, scope, leaseMs, logger }: Pick<Broker, 'members'> & { scope: Scope; leaseMs: number; logger: Logger },
): void {
  const onError = (error: unknown): void =>
    logger.warn({ err: error }, 'this edge could not announce itself; trying again');
  scope.defer(() => members.leave(self()).catch(onError), 'membership');
  scope.use(
    interval(leaseMs / 3, () => members.announce(self(), leaseMs), { immediate: true, onError }),
    'announcement',
  );
}
