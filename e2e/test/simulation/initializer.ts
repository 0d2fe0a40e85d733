import type { MemoryBroker } from '@reveille/broker/memory';
import { Hosts, Reports, startHands } from '@reveille/initializer';
import type { Commit, Driver, Ledger } from '@reveille/orchestration';
import type { Logger, Metrics } from '@reveille/telemetry';
import { catalogs } from './catalog.ts';
import type { LedgerChecker } from './check/ledger-checker.ts';
import { Deployable, passing } from './deployable.ts';
import type { SimProcess } from './sim-process.ts';

export type InitializerParts = {
  readonly process: SimProcess;
  readonly broker: MemoryBroker;
  readonly driver: Driver;
  readonly checker: LedgerChecker;
  readonly edgeKey: string;
  /** Starts under way at once over all initializers. */
  readonly pool: number | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
};

const rootSecret = 'x'.repeat(32);

/** An initializer as it is, without its network. */
export class SimInitializer extends Deployable {
  readonly kind = 'initializer';

  async start({ process, driver, checker, edgeKey, pool, logger, metrics }: InitializerParts): Promise<void> {
    const broker = passing(process, { ...this.broker, ledger: seen(this.broker.ledger, checker, process.id) });
    await startHands(this.scope, {
      broker,
      drivers: new Map([['docker', driver]]),
      hosts: new Hosts(broker.members, `host-${process.id}`),
      reports: new Reports(rootSecret),
      catalog: () => catalogs[process.version] ?? catalogs[0],
      owner: process.id,
      rootSecret,
      edgeKey,
      startConcurrency: 16,
      limits: { pool },
      logger,
      metrics,
    });
  }
}

/** The checker sees what happens when it happens, not when its answer arrives. */
function seen(ledger: Ledger, checker: LedgerChecker, by: string): Ledger {
  const seeing = Object.create(ledger) as Ledger;
  const define = <K extends keyof Ledger>(name: K, value: Ledger[K]) => Object.defineProperty(seeing, name, { value });
  define('commit', async (change: Commit) => {
    const result = await ledger.commit(change);
    if (result.committed) checker.committed(change, by);
    return result;
  });
  define('renew', async (instance, holder) => {
    const result = await ledger.renew(instance, holder);
    if (result.held) checker.renewed(instance, holder);
    return result;
  });
  for (const name of ['read', 'want', 'unwant', 'takeWatch', 'due'] as const)
    define(name, (ledger[name] as (...args: unknown[]) => never).bind(ledger));
  define('partitions', ledger.partitions);
  return seeing;
}
