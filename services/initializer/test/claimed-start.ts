import { createMemoryBroker, type MemoryBroker } from '@reveille/broker/memory';
import type { InstanceKey, LedgerRecord, ServiceName } from '@reveille/contracts';
import { service } from '@reveille/contracts';
import { type Command, type Ledger, type Reading, transition } from '@reveille/orchestration';
import { createLogger } from '@reveille/telemetry';
import { Commands, type Known } from '../src/reconcile/apply.ts';
import { LeaseKeeper } from '../src/start/lease-keeper.ts';

export const db = 'db~global' as InstanceKey;
export const logger = createLogger({ name: 'initializer', level: 'silent' });
export const spec = service.parse({ start: { process: { command: ['db'] } } });
export const identity = {
  instance: db,
  service: 'db' as ServiceName,
  scope: { kind: 'global' as const },
  scopeKey: 'global' as never,
  dependencies: [],
  catalog: 'd',
};

/** A start of `db` that `me` has just claimed, on the twin of the broker. */
export class ClaimedStart implements AsyncDisposable {
  readonly broker: MemoryBroker = createMemoryBroker();
  readonly ledger: Ledger;
  readonly commands: Commands;
  keeper!: LeaseKeeper;
  record!: LedgerRecord;

  /** `wrap`: a ledger with a fault. */
  constructor(wrap: (ledger: Ledger) => Ledger = (ledger) => ledger) {
    this.ledger = wrap(this.broker.ledger);
    this.commands = new Commands(this.ledger, {
      wake: () => undefined,
      leave: () => undefined,
      free: () => undefined,
    });
  }

  static async make(wrap?: (ledger: Ledger) => Ledger): Promise<ClaimedStart> {
    const start = new ClaimedStart(wrap);
    await start.broker.ledger.want('edge1', [db], 15_000);
    await start.commit({ kind: 'want', identity, origin: undefined });
    await start.commit({ kind: 'queue', dependencyGenerations: {} });
    await start.commit({ kind: 'claim', owner: 'me', host: 'here', name: 'n', attempts: 3 });
    start.record = (await start.reading()).record as LedgerRecord;
    start.keeper = new LeaseKeeper({
      ledger: start.ledger,
      owner: 'me',
      instance: db,
      epoch: start.record.epoch,
      logger,
      since: performance.now(),
      onRenewed: () => undefined,
    });
    return start;
  }

  async reading(): Promise<Reading> {
    const [reading] = await this.broker.ledger.read([db]);
    if (reading === undefined) throw new Error('no reading');
    return reading;
  }

  async known(): Promise<Known> {
    return { reading: await this.reading(), at: performance.now() };
  }

  /** By the healthy ledger. */
  async commit(command: Command): Promise<void> {
    const commit = transition(await this.reading(), command);
    if ('refused' in commit) throw new Error(commit.refused);
    await this.broker.ledger.commit(commit);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.keeper[Symbol.asyncDispose]();
    await this.broker[Symbol.asyncDispose]();
  }
}
