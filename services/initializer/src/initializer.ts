import { randomBytes } from 'node:crypto';
import { connectBroker } from '@reveille/broker';
import { type CatalogError, type LoadedCatalog, readCatalog, watchCatalog } from '@reveille/catalog';
import type { LedgerRecord } from '@reveille/contracts';
import { createDrivers, driverFor, unsupported } from '@reveille/drivers';
import { ConfigError, type Health, interval, Scope } from '@reveille/lifecycle';
import type { Driver, Member } from '@reveille/orchestration';
import { type Logger, type Metrics, newTraceparent } from '@reveille/telemetry';
import type { InitializerConfig } from './config.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { startSweep } from './reconcile/sweep.ts';
import { Reports } from './start/reports.ts';
import { startRequestOf } from './start/start-request.ts';
import { Starter } from './start/starter.ts';
import { handOver } from './stop/hand-over.ts';
import { Stopper } from './stop/stopper.ts';
import { announceEveryMs, Hosts, memberTtlMs } from './subject/hosts.ts';
import type { Subject } from './subject/subject.ts';
import { accessBy } from './watch/access.ts';
import { startLeftovers } from './watch/leftovers.ts';
import { Watcher } from './watch/watcher.ts';

export type Initializer = AsyncDisposable & {
  id: string;
  /** Reads the catalog again, as at SIGHUP. */
  reload(): Promise<void>;
};

/** Reconciliations at once: each is a few round trips. */
const reconcileConcurrency = 64;

/** Brings up one initializer. Rejects when its configuration, catalog or Redis is not fit, with a sentence that says what to do. */
export async function startInitializer(of: {
  config: InitializerConfig;
  logger: Logger;
  metrics: Metrics;
  health: Health;
}): Promise<Initializer> {
  const { config, logger, metrics, health } = of;
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
      ...(config.redisUsername === undefined ? {} : { username: config.redisUsername }),
      ...(config.redisPassword === undefined ? {} : { password: config.redisPassword }),
    }),
  );
  const broken = health.add('redis', () => broker.unavailable() ?? true);
  scope.defer(() => broken[Symbol.dispose](), 'health check');

  const hosts = new Hosts(broker.members, config.hostId);
  const member: Member = { id, kind: 'initializer', host: config.hostId, startedAt: Date.now() };
  await broker.members.announce(member, memberTtlMs);
  scope.defer(() => broker.members.leave(member), 'membership');
  scope.use(
    interval(announceEveryMs, () => broker.members.announce(member, memberTtlMs), {
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
  const driverOf = (subject: Subject): Driver => driverFor(drivers, subject.spec);

  const parts = { broker, hosts, driverOf, owner: id, logger, catalog: () => catalog };
  const reports = scope.use(new Reports(config.rootSecret), 'reports');
  await reports.listen(config.reportPort, config.advertiseAddress);
  const reconciler = scope.use(new Reconciler(parts), 'reconciler');
  const stopper = scope.use(new Stopper({ ...parts, reconciler }), 'stops');
  const requestOf = async (record: LedgerRecord, subject: Subject) => {
    const looked = await reconciler.situation(record.instance);
    return startRequestOf({
      record,
      subject,
      dependencies: looked?.dependencies ?? [],
      catalog,
      reports,
      rootSecret: config.rootSecret,
      edgeKey: '',
      traceparent: record.origin?.traceparent ?? newTraceparent(),
    }).request;
  };
  const access = accessBy({ requestOf, driverOf, host: config.hostId, logger });
  const watcher = scope.use(new Watcher({ ...parts, reconciler, access }), 'watches');
  scope.defer(() => handOver({ watcher, stopper, ledger: broker.ledger }), 'hand-over');
  const { rootSecret, edgeKey } = config;
  const starter = new Starter({ ...parts, reconciler, watcher, stopper, reports, metrics, rootSecret, edgeKey });
  scope.use(starter, 'starts');
  reconciler.use({
    watch: (reading, subject) => watcher.takeOver(reading, subject),
    start: (job) => void starter.run(job).catch((error: unknown) => logger.warn({ err: error }, 'a start was let go')),
    stop: (reading, subject, reason) => void stopper.stop(reading, subject, reason),
  });

  const watched = scope.use(
    watchCatalog(config.catalog, {
      current: catalog,
      onChange: (loaded) => {
        const faults = unsupportedBy(loaded);
        if (faults.length > 0)
          return logger.error(
            { faults },
            'the changed catalog needs what this version does not have; the old one stays',
          );
        catalog = loaded;
        logger.info({ digest: loaded.digest }, 'the catalog was read again; it holds for new generations');
      },
      onRefused: (error: CatalogError) =>
        logger.error({ report: error.report }, 'the changed catalog is refused; the old one stays'),
    }),
    'catalog',
  );
  scope.use(startSweep({ ledger: broker.ledger, reconciler, logger }), 'sweep');
  const { hostId: host } = config;
  scope.use(startLeftovers({ ledger: broker.ledger, drivers: drivers.values(), host, logger }), 'leftovers');
  const wakeUps = await broker.wakeUps.consume(
    {
      reconcile: async (job) => {
        if (job.reason === 'suspect') {
          const looked = await reconciler.situation(job.instance, job);
          if (looked?.reading.record) await watcher.suspect(looked.reading.record, looked.subject);
        }
        await reconciler.reconcile(job.instance, job);
      },
      start: (job) => starter.run(job),
    },
    { reconcileConcurrency, startConcurrency: config.startConcurrency },
  );
  // Together: the end of the jobs waits for the starts, which go on for as long as nobody lets them go.
  scope.defer(() => Promise.all([wakeUps[Symbol.asyncDispose](), starter[Symbol.asyncDispose]()]), 'wake-ups');
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
