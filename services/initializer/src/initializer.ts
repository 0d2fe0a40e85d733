import { randomBytes } from 'node:crypto';
import { connectBroker, redisAccess } from '@reveille/broker';
import { type CatalogError, type LoadedCatalog, readCatalog, watchCatalog } from '@reveille/catalog';
import { createDrivers, unsupported } from '@reveille/drivers';
import { ConfigError, type Health, interval, Scope } from '@reveille/lifecycle';
import type { Member } from '@reveille/orchestration';
import type { Logger, Metrics } from '@reveille/telemetry';
import type { InitializerConfig } from './config.ts';
import { startHands } from './hands.ts';
import { Reports } from './start/reports.ts';
import { announceEveryMs, Hosts, memberTtlMs } from './subject/hosts.ts';

export type Initializer = AsyncDisposable & {
  id: string;
  /** Reads the catalog again, as at SIGHUP. */
  reload(): Promise<void>;
};

/** Brings up one initializer. Rejects when its configuration, catalog or Redis is not fit, with a sentence that says what to do. */
export async function startInitializer(of: {
  config: InitializerConfig;
  logger: Logger;
  metrics: Metrics;
  health: Health;
  /** Told when this initializer cannot do its work any more, and has to be replaced. */
  fail: (error: Error) => void;
}): Promise<Initializer> {
  const { config, logger, metrics, health, fail } = of;
  const id = `initializer-${randomBytes(5).toString('hex')}`;
  await using starting = new AsyncDisposableStack();
  const scope = starting.adopt(new Scope({ disposeMs: 20_000 }), (one) => one.dispose());

  let catalog: LoadedCatalog = await readCatalog(config.catalog);
  refuseUnsupported(catalog);
  const broker = scope.use(
    await connectBroker({
      url: config.redisUrl,
      namespace: config.namespace,
      logger,
      owner: id,
      watchesQuorum: true,
      ...redisAccess(config),
    }),
  );
  const broken = health.add('redis', () => broker.unavailable() ?? true);
  scope.defer(() => broken[Symbol.dispose](), 'health check');

  const hosts = new Hosts(broker.members, config.hostId);
  const member: Member = { id, kind: 'initializer', host: config.hostId, startedAt: Date.now() };
  await broker.members.announce(member, memberTtlMs);
  scope.defer(() => broker.members.leave(member), 'membership');
  // Who lives is known also before the first start, so that one right after an outage has the keys of the edges of before.
  const announceAndLook = async (): Promise<void> => {
    await broker.members.announce(member, memberTtlMs);
    await hosts.alive();
  };
  scope.use(
    interval(announceEveryMs, announceAndLook, {
      onError: (error) => {
        hosts.noteOutage();
        logger.warn({ err: error }, 'could not announce this initializer');
      },
    }),
    'announcements',
  );

  const drivers = scope.use(
    createDrivers({
      namespace: config.namespace,
      hostId: config.hostId,
      advertiseAddress: config.advertiseAddress,
      logger,
    }),
    'drivers',
  );

  const parts = { broker, hosts, owner: id, logger, catalog: () => catalog };
  const reports = scope.use(new Reports(config.rootSecret), 'reports');
  await reports.listen(config.reportPort, config.advertiseAddress);
  const watched = scope.use(
    watchCatalog(config.catalog, {
      current: catalog,
      onChange: (loaded) => {
        const faults = unsupportedBy(loaded);
        if (faults.length > 0) {
          const words = 'the changed catalog needs what this version does not have; the old one stays';
          metrics.counter('catalogReloads').inc({ outcome: 'refused' });
          return logger.error({ faults }, words);
        }
        catalog = loaded;
        metrics.counter('catalogReloads').inc({ outcome: 'taken' });
        logger.info({ digest: loaded.digest }, 'the catalog was read again; it holds for new generations');
      },
      onRefused: (error: CatalogError) => {
        metrics.counter('catalogReloads').inc({ outcome: 'refused' });
        logger.error({ report: error.report }, 'the changed catalog is refused; the old one stays');
      },
    }),
    'catalog',
  );
  const { rootSecret, edgeKey, startConcurrency } = config;
  const limits = { pool: config.poolStarts, perTenant: config.tenantStarts };
  let stuck: string | undefined;
  const takes = health.add('jobs', () => stuck ?? true);
  scope.defer(() => takes[Symbol.dispose](), 'health check of jobs');
  metrics.beforeRead(() => metrics.gauge('consumerStuck').set(stuck === undefined ? 0 : 1));
  await startHands(scope, {
    ...{ ...parts, drivers, reports, metrics, rootSecret, edgeKey, startConcurrency, limits },
    onStuck: (words) => void (stuck = words),
    onBroken: fail,
  });
  logger.info({ id, host: config.hostId, digest: catalog.digest }, 'the initializer is running');

  const running = starting.move();
  return {
    id,
    reload: () => watched.reload(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A catalog may be right and still need a driver that this version does not have. */
function refuseUnsupported(loaded: LoadedCatalog): void {
  const faults = unsupportedBy(loaded);
  if (faults.length > 0)
    throw new ConfigError(
      faults.map((found) => ({ name: 'REVEILLE_CATALOG', found, expected: 'a driver that this version has' })),
    );
}

function unsupportedBy({ catalog, file }: LoadedCatalog): string[] {
  return Object.entries(catalog.services).flatMap(([service, spec]) => {
    const why = unsupported(spec);
    return why === undefined ? [] : [`services.${service} in ${file}: ${why}`];
  });
}
