import { readCatalog } from '@reveille/catalog';
import type { InstanceKey } from '@reveille/contracts';
import { interval } from '@reveille/lifecycle';
import { BrokerUnavailable, type Ledger, type Reading } from '@reveille/orchestration';
import type { CliContext } from '../cli/context.ts';
import type { Ending } from '../cli/ending.ts';
import { watchStops } from '../cli/stops.ts';
import { findCatalog } from '../dev/find-dev.ts';
import { planFor, type PlanUser } from '../plan/plan-for.ts';
import type { ProgressForm } from '../progress/progress.ts';
import { createWatchView } from '../progress/watch-view.ts';
import { type InstanceRow, rowOf, sortRows } from './instance-row.ts';
import { type LedgerOptions, openLedger } from './open-ledger.ts';
import { readAll } from './read-all.ts';

/** Often enough to see each state of a start, seldom enough to cost a production Redis nothing. */
const everyMs = 500;

export type WatchOptions = LedgerOptions & PlanUser & { readonly progress: ProgressForm; readonly timeout?: number };

/** Follows the ledger until it is stopped. Only reads: nothing is woken, nothing is kept awake. */
export async function runWatch(
  entrypoint: string | undefined,
  options: WatchOptions,
  context: CliContext,
): Promise<number> {
  const instances = entrypoint === undefined ? undefined : await instancesOf(entrypoint, options, context.cwd);
  await using broker = await openLedger(options, context);
  const ended = Promise.withResolvers<Ending>();
  using _stops = watchStops(options.timeout, ended.resolve);
  using view = createWatchView(options.progress, entrypoint ?? 'all instances', context.terminal);
  await using _looks = interval(
    everyMs,
    async () => {
      const readings = await look(broker.ledger, instances);
      view.show(rowsOf(readings, instances), readings[0]?.now ?? 0);
    },
    {
      immediate: true,
      onError: (error) => (error instanceof BrokerUnavailable ? view.away(error.message) : ended.reject(error)),
    },
  );
  return (await ended.promise).code;
}

async function instancesOf(
  entrypoint: string,
  { user, tenant, ...place }: WatchOptions,
  cwd: string,
): Promise<InstanceKey[]> {
  const catalog = await findCatalog(place, cwd);
  const plan = await planFor(await readCatalog(catalog), entrypoint, { user, tenant });
  return plan.instances.map(({ instance }) => instance);
}

function look(ledger: Ledger, instances: readonly InstanceKey[] | undefined): Promise<Reading[]> {
  return instances === undefined ? readAll(ledger) : ledger.read(instances);
}

/** Those of a plan stay in its order. */
function rowsOf(readings: readonly Reading[], instances: readonly InstanceKey[] | undefined): InstanceRow[] {
  const rows = readings.flatMap((reading) => rowOf(reading) ?? []);
  return instances === undefined ? sortRows(rows) : rows;
}
