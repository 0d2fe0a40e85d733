import { randomBytes } from 'node:crypto';
import { connectBroker, redisAccess } from '@reveille/broker';
import { type Health, interval, Scope } from '@reveille/lifecycle';
import type { Member } from '@reveille/orchestration';
import type { Logger, Metrics } from '@reveille/telemetry';
import type { RelayConfig } from './config.ts';
import { routeTo } from './route/route.ts';

export type Relay = AsyncDisposable & { id: string };

/** How long a member counts as alive after its last announcement, and how often it announces itself, milliseconds. */
const memberTtlMs = 10_000;
const announceEveryMs = 3000;

/** Brings up one relay: reads the journal as one of all relays and hands each change to the edges that wait for it. */
export async function startRelay(of: {
  config: RelayConfig;
  logger: Logger;
  metrics: Metrics;
  health: Health;
}): Promise<Relay> {
  const { config, logger, metrics, health } = of;
  const id = `relay-${randomBytes(5).toString('hex')}`;
  await using starting = new AsyncDisposableStack();
  const scope = starting.adopt(new Scope(), (one) => one.dispose());
  const broker = scope.use(
    await connectBroker({
      url: config.redisUrl,
      namespace: config.namespace,
      logger,
      owner: id,
      ...redisAccess(config),
    }),
    'broker',
  );
  const broken = health.add('redis', () => broker.unavailable() ?? true);
  scope.defer(() => broken[Symbol.dispose](), 'health check');

  const member: Member = { id, kind: 'relay', startedAt: Date.now() };
  await broker.members.announce(member, memberTtlMs);
  scope.defer(() => broker.members.leave(member), 'membership');
  scope.use(
    interval(announceEveryMs, () => broker.members.announce(member, memberTtlMs), {
      onError: (error) => logger.warn({ err: error }, 'could not announce this relay'),
    }),
    'announcements',
  );
  const route = routeTo({ router: broker.router, timelines: broker.timelines, metrics, logger });
  scope.use(await broker.journal.consume(id, route), 'journal');
  logger.info({ id }, 'the relay is running');

  const running = starting.move();
  return { id, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
