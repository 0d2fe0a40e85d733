import { randomBytes } from 'node:crypto';
import { connectBroker } from '@reveille/broker';
import { type CatalogError, type LoadedCatalog, readCatalog, watchCatalog } from '@reveille/catalog';
import type { LedgerRecord } from '@reveille/contracts';
import { commandContextOf, createDrivers, driverFor, unsupported } from '@reveille/drivers';
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
import { Hosts } from './subject/hosts.ts';
import type { Subject } from './subject/subject.ts';
import { startLeftovers } from './watch/leftovers.ts';
import { Watcher } from './watch/watcher.ts';

export type Initializer = AsyncDisposable & {
  id: string;
  /** Reads the catalog again, as at SIGHUP. */
  reload(): Promise<void>;
};

/** How long a member counts as alive after its last announcement, and how often it announces itself, milliseconds. */
const memberTtlMs = 10_000;
const announceEveryMs = 3000;
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
      onError: (error) => logger.warn({ err: error }, 'could not announce this initializer'),
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
  const commandOf = async (record: LedgerRecord, subject: Subject) => {
    const looked = await reconciler.situation(record.instance);
    const { request } = startRequestOf({
      record,
      subject,
      dependencies: looked?.dependencies ?? [],
      catalog,
      reports,
      rootSecret: config.rootSecret,
      edgeKey: '',
      traceparent: record.origin?.traceparent ?? newTraceparent(),
    });
    return commandContextOf(request, { port: record.endpoint?.port });
  };
  const watcher = scope.use(new Watcher({ ...parts, reconciler, commandOf }), 'watches');
  scope.defer(() => handOver({ watcher, stopper, ledger: broker.ledger }), 'hand-over');
  const starter = scope.use(
    new Starter({
      ...parts,
      reconciler,
      watcher,
      stopper,
      reports,
      metrics,
      rootSecret: config.rootSecret,
      edgeKey: config.edgeKey,
    }),
    'starts',
  );
  reconciler.use({
    watch: (reading) => watcher.takeOver(reading),
    stop: (reading, subject, reason) => void stopper.stop(reading, subject, reason),
  });

  const watched = scope.use(
    watchCatalog(config.catalog, {
      current: catalog,
      onChange: (loaded) => {
        catalog = loaded;
        logger.info({ digest: loaded.digest }, 'the catalog was read again; it holds for new generations');
      },
      onRefused: (error: CatalogError) =>
        logger.error({ report: error.report }, 'the changed catalog is refused; the old one stays'),
    }),
    'catalog',
  );
  scope.use(startSweep({ ledger: broker.ledger, reconciler, logger }), 'sweep');
  scope.use(startLeftovers({ ledger: broker.ledger, drivers: drivers.values(), logger }), 'leftovers');
  scope.use(
    await broker.wakeUps.consume(
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
    ),
    'wake-ups',
  );
  logger.info({ id, host: config.hostId, digest: catalog.digest }, 'the initializer is running');

  const running = starting.move();
  return {
    id,
    reload: () => watched.reload(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** A catalog may be right and still need a driver that this version does not have. */
function refuseUnsupported({ catalog, file }: LoadedCatalog): void {
  const faults = Object.entries(catalog.services).flatMap(([service, spec]) => {
    const why = unsupported(spec);
    return why === undefined
      ? []
      : [
          {
            name: 'REVEILLE_CATALOG',
            found: `services.${service} in ${file}: ${why}`,
            expected: 'a driver that this version has',
          },
        ];
  });
  if (faults.length > 0) throw new ConfigError(faults);
}
