import { createSecretKey } from 'node:crypto';
import type { LoadedCatalog } from '@reveille/catalog';
import type { DriverName, InstanceKey, LedgerRecord } from '@reveille/contracts';
import { driverFor } from '@reveille/drivers';
import type { Scope } from '@reveille/lifecycle';
import type { AdmissionLimits, Broker, Driver } from '@reveille/orchestration';
import { type Logger, type Metrics, newTraceparent } from '@reveille/telemetry';
import { Reconciler } from './reconcile/reconciler.ts';
import { startSweep } from './reconcile/sweep.ts';
import { Replacer } from './replace/replacer.ts';
import type { Reports } from './start/reports.ts';
import { startRequestOf } from './start/start-request.ts';
import { Admission } from './start/admission.ts';
import { Starter } from './start/starter.ts';
import { handOver } from './stop/hand-over.ts';
import { RunEnds } from './stop/run-ends.ts';
import { Stopper } from './stop/stopper.ts';
import type { Hosts } from './subject/hosts.ts';
import type { Subject } from './subject/subject.ts';
import { accessBy } from './watch/access.ts';
import { startLeftovers } from './watch/leftovers.ts';
import { Watcher } from './watch/watcher.ts';

/** Reconciliations at once: each is a few round trips. */
const reconcileConcurrency = 64;

export type HandsParts = {
  broker: Broker;
  drivers: ReadonlyMap<DriverName, Driver>;
  hosts: Hosts;
  reports: Reports;
  catalog: () => LoadedCatalog;
  owner: string;
  rootSecret: string;
  edgeKey: string | undefined;
  startConcurrency: number;
  /** Starts under way at once over all initializers. */
  limits?: AdmissionLimits;
  logger: Logger;
  metrics: Metrics;
  /** See WakeUpConsumption. */
  onStuck?: (words: string | undefined) => void;
  onBroken?: (error: Error) => void;
};

/** All that an initializer does, joined: reconcile, start, watch, stop, sweep. Whatever it is given may be a twin. */
export async function startHands(scope: Scope, given: HandsParts): Promise<void> {
  const rootSecret = createSecretKey(Buffer.from(given.rootSecret));
  const of = { ...given, rootSecret };
  const { broker, drivers, hosts, reports, catalog, logger } = of;
  const host = hosts.own;
  const driverOf = (subject: Subject): Driver => driverFor(drivers, subject.spec);
  const reconciler = scope.use(new Reconciler(of), 'reconciler');
  const requestOf = async (record: LedgerRecord, subject: Subject) => {
    const looked = await reconciler.situation(record.instance);
    return startRequestOf({
      record,
      subject,
      dependencies: looked?.dependencies ?? [],
      catalog: catalog(),
      reports,
      rootSecret,
      edgeKey: '',
      traceparent: record.origin?.traceparent ?? newTraceparent(),
    }).request;
  };
  const parts = { ...of, driverOf, requestOf, reconciler };
  const runs = new RunEnds(parts);
  const cease = async (instance: InstanceKey): Promise<void> => {
    await replacer.cease(instance);
    watcher.release(instance);
  };
  const stopper = scope.use(new Stopper({ ...parts, runs, cease }), 'stops');
  const access = accessBy({ requestOf, driverOf, drivers, host, logger });
  const watcher = scope.use(new Watcher({ ...parts, access }), 'watches');
  scope.defer(() => handOver({ watcher, stopper, ledger: broker.ledger }), 'hand-over');
  const starter = scope.use(new Starter({ ...parts, watcher, stopper }), 'starts');
  const replacer = scope.use(new Replacer({ ...parts, watcher, runs }), 'replacements');
  const limited = of.limits?.pool !== undefined || of.limits?.perTenant !== undefined;
  const admission = new Admission({ starter, places: of.startConcurrency, limited, logger });
  reconciler.use({
    watch: (reading, subject) => watcher.takeOver(reading, subject),
    readyAgain: (reading) => watcher.readyAgain(reading),
    start: (job) => void starter.run(job).catch((error: unknown) => logger.warn({ err: error }, 'a start was let go')),
    startNow: (job, looked) => admission.now(job, looked),
    stop: (reading, subject, reason) => void stopper.stop(reading, subject, reason),
    replace: (step, looked) => replacer.do(step, looked),
  });
  scope.use(startSweep({ ledger: broker.ledger, reconciler, logger }), 'sweep');
  scope.use(startLeftovers({ ledger: broker.ledger, drivers: drivers.values(), host, logger }), 'leftovers');
  const wakeUps = await broker.wakeUps.consume(
    {
      reconcile: async (job) => {
        if (job.reason === 'suspect') {
          const looked = await reconciler.situation(job.instance, job);
          if (looked?.reading.record) await watcher.suspect(looked.reading.record, looked.subject);
        }
        if (job.left !== undefined)
          await reconciler.commands.apply(job.instance, { kind: 'leave_draining', ...job.left });
        await reconciler.reconcile(job.instance, job);
      },
      start: (job) => starter.run(job),
      place: () => admission.place(),
    },
    {
      ...{ reconcileConcurrency, startConcurrency: of.startConcurrency, limits: of.limits ?? {} },
      ...{ onStuck: of.onStuck, onBroken: of.onBroken },
    },
  );
  // Together: the end of the jobs waits for the starts, which go on for as long as nobody lets them go.
  scope.defer(() => Promise.all([wakeUps[Symbol.asyncDispose](), starter[Symbol.asyncDispose]()]), 'wake-ups');
}
