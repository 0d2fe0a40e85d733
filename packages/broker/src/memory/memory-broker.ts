import type { InstanceKey, StartJob } from '@reveille/contracts';
import type { Broker } from '@reveille/orchestration';
import { silentLogger, type BrokerLogger } from '../logger.ts';
import { defaultSessionsBytes } from '../session/bound.ts';
import { ServedTurns } from '../turn/serve-turns.ts';
import { MemoryAddresses } from './memory-addresses.ts';
import { MemoryClock } from './memory-clock.ts';
import { MemoryLedger } from './memory-ledger.ts';
import { MemoryRates } from './memory-rates.ts';
import { MemoryOperations } from './memory-operations.ts';
import { MemoryConnections, MemoryMembers } from './memory-presence.ts';
import { MemoryProcess } from './memory-process.ts';
import type { MemoryWorker } from './memory-queue.ts';
import { MemoryQuotas } from './memory-quotas.ts';
import { MemoryRouter } from './memory-router.ts';
import { MemorySessions } from './memory-sessions.ts';
import { MemoryStore } from './memory-store.ts';
import { MemoryTimelines } from './memory-timelines.ts';
import { MemoryTurns } from './memory-turns.ts';
import { MemoryWebhooks } from './memory-webhooks.ts';
import { promptly, type MemoryTransport } from './transport.ts';

export type MemoryBrokerOptions = {
  /** The clock (epoch ms); after it moved, call `tick`. Default: a clock of its own that only `advance` moves. */
  now?: () => number;
  /** Default 8. */
  partitions?: number;
  /** What all kept sessions may hold together, in bytes. Default 1 GiB. */
  sessionsBytes?: number;
  /** Loses, doubles, delays or reorders messages. Default: delivers each once, in order, in a microtask. */
  transport?: MemoryTransport;
  logger?: BrokerLogger;
};

/** A broker in memory, for tests, with the controls that they need. */
export interface MemoryBroker extends Broker {
  /** Another process on the same store. */
  another(): MemoryBroker;
  /** Moves the clock by `ms` and does what falls due on the way. */
  advance(ms: number): void;
  /** Does what has fallen due by the clock from outside. */
  tick(): void;
  /** Every claim and watch runs out now. */
  expireLeases(): void;
  /** This process no longer reaches the store: every call rejects with `BrokerUnavailable`. */
  cutOff(words?: string): void;
  reconnect(): void;
  /** This process is gone without a word. */
  crash(): void;
  /** FLUSHALL. */
  clear(): void;
  /** What a replica has now. Call it to fail over to that, once: all that has been written since is lost. */
  replica(): () => void;
  /** The journal reaches its bound: what nobody has handled is lost. @returns how many entries */
  trimJournal(): number;
  /** Ids of the sessions that are kept. */
  keptSessions(): string[];
  forgetSession(session: string): void;
  /** Stores a text where the record of an instance belongs. */
  putText(instance: InstanceKey, text: string): void;
}

/** The twin of the broker on Redis. It uses no timer and no randomness: the same calls give the same results. */
export function createMemoryBroker(options: MemoryBrokerOptions = {}): MemoryBroker {
  const clock = new MemoryClock(options.now);
  const store = new MemoryStore(clock, options.transport ?? promptly, options.partitions ?? 8);
  return processOn(store, options.logger ?? silentLogger, options.sessionsBytes ?? defaultSessionsBytes);
}

function processOn(store: MemoryStore, logger: BrokerLogger, sessionsBytes: number): MemoryBroker {
  const process = new MemoryProcess(store.clock);
  const router = new MemoryRouter(store, process);
  const turns = new MemoryTurns(store, process);
  const workers = new Set<MemoryWorker>();
  const leaves = new Set<() => void>();
  const leave = (): void => {
    router.leaveAll();
    for (const leaveJournal of leaves) leaveJournal();
    leaves.clear();
  };
  return {
    ledger: new MemoryLedger(store, process, logger),
    router,
    timelines: new MemoryTimelines(store, process),
    connections: new MemoryConnections(store, process),
    addresses: new MemoryAddresses(store, process),
    members: new MemoryMembers(store, process),
    quotas: new MemoryQuotas(store, process),
    sessions: new MemorySessions(store, process, sessionsBytes),
    rates: new MemoryRates(store, process),
    operations: new MemoryOperations(store, process),
    webhooks: new MemoryWebhooks(store, process),
    wakeUps: {
      reconcile: (jobs) => process.run(() => jobs.forEach((job) => store.queues.addReconcile(structuredClone(job)))),
      start: async (job) => {
        const add = () => store.queues.addStart(structuredClone(job));
        await Promise.all([turns.enter(job), process.run(add)]);
      },
      withdraw: (instance, generation) => turns.withdraw(instance, generation),
      positions: (instances) => turns.positions(instances),
      consume: (handlers, consumption) =>
        process.run(() => {
          const owner = `${++store.line.entered}`;
          const served = new ServedTurns({ turns, owner, limits: consumption.limits ?? {}, logger });
          const start = (offer: StartJob, signal: AbortSignal) => served.serve(offer, signal, handlers);
          const end = () => served[Symbol.asyncDispose]();
          const mine = [
            ...store.queues.consume(process, { ...handlers, start }, consumption),
            { end, crash: () => void end() },
          ];
          for (const worker of mine) workers.add(worker);
          return disposable(async () => {
            // It may still crash while it ends: then its jobs go to others.
            const ended = mine.map(async (worker) => {
              if (workers.has(worker)) await worker.end();
              workers.delete(worker);
            });
            await Promise.all(ended);
          });
        }),
    },
    journal: {
      consume: (name, onEntries, onTrimmed) =>
        process.run(() => {
          const leaveJournal = store.streams.join({ name, process, onEntries, onTrimmed });
          leaves.add(leaveJournal);
          return disposable(async () => {
            if (leaves.delete(leaveJournal)) leaveJournal();
          });
        }),
    },
    unavailable: () => process.availability.unavailable(),
    another: () => processOn(store, logger, sessionsBytes),
    advance: (ms) => store.clock.advance(ms),
    tick: () => store.clock.tick(),
    expireLeases: () => {
      for (const leases of store.leases) for (const instance of leases.keys()) leases.set(instance, store.clock.now());
    },
    cutOff: (words = 'cut off by the test') => process.cutOff(words),
    reconnect: () => process.reconnect(),
    crash: () => {
      process.cutOff('this process has crashed');
      leave();
      for (const worker of workers) worker.crash();
      workers.clear();
    },
    clear: () => store.clear(),
    replica: () => store.replica(),
    trimJournal: () => store.streams.trim(),
    keptSessions: () => store.sessions.keys(),
    forgetSession: (session) => store.sessions.delete(session),
    putText: (instance, text) => {
      const fresh = { token: 0, text: '', epoch: undefined, leaseOwner: '' };
      store.instances.getOrCreate(instance, () => fresh).text = text;
    },
    async [Symbol.asyncDispose]() {
      leave();
      await Promise.all([...workers].map((worker) => worker.end()));
      workers.clear();
      process.cutOff('closed by this process');
    },
  };
}

function disposable(dispose: () => Promise<void>): AsyncDisposable {
  return { [Symbol.asyncDispose]: dispose };
}
