import type { MemoryBroker } from '@reveille/broker/memory';
import { Scope } from '@reveille/lifecycle';
import type { Broker } from '@reveille/orchestration';
import type { SimProcess } from './sim-process.ts';

export type Kind = 'initializer' | 'edge' | 'relay';

/** A process of the deployment, and what can happen to it. */
export abstract class Deployable {
  abstract readonly kind: Kind;
  readonly process: SimProcess;
  readonly broker: MemoryBroker;
  /** Has started, and may be told to end. */
  isUp = false;
  /** Was told to end, and has. */
  hasEnded = false;
  protected readonly scope = new Scope({ disposeMs: 20_000 });

  #ableSince = performance.now();

  constructor(process: SimProcess, broker: MemoryBroker) {
    this.process = process;
    this.broker = broker;
  }

  /** Since when it has lived, acted, and reached the broker without a break; undefined while it does not. */
  get ableSince(): number | undefined {
    return this.process.frozen || this.broker.unavailable() !== undefined ? undefined : this.#ableSince;
  }

  get id(): string {
    return this.process.id;
  }

  crash(): void {
    this.process.crash();
    this.broker.crash();
  }

  /** SIGTERM. Its end is part of what is simulated; what it could not do in time shows in the ledger. */
  async terminate(): Promise<void> {
    await this.scope.dispose().catch(() => undefined);
    this.hasEnded = true;
  }

  freeze(forMs: number): void {
    this.process.freeze();
    setTimeout(() => this.#thaw(), forMs);
  }

  cutOff(forMs: number): void {
    this.broker.cutOff();
    setTimeout(() => this.process.crashed || this.#reconnect(), forMs);
  }

  /** Whatever has kept it from acting, it goes on. */
  heal(): void {
    this.#thaw();
    if (!this.process.crashed) this.#reconnect();
  }

  #thaw(): void {
    if (this.process.frozen) this.#ableSince = performance.now();
    this.process.thaw();
  }

  #reconnect(): void {
    if (this.broker.unavailable() !== undefined) this.#ableSince = performance.now();
    this.broker.reconnect();
  }
}

/** What of a broker each deployable uses, each call on its way through the network of its process. */
export function passing(process: SimProcess, broker: MemoryBroker): Broker {
  const { ledger, sessions } = broker;
  const through = process.through.bind(process);
  const passingLedger = through(ledger, ['read', 'want', 'unwant', 'commit', 'renew', 'takeWatch', 'due']);
  Object.defineProperty(passingLedger, 'partitions', { value: ledger.partitions });
  const passingSessions = through(sessions, ['begin', 'takeOver', 'write', 'received', 'renew', 'end']);
  Object.defineProperty(passingSessions, 'unavailable', { value: () => sessions.unavailable() });
  return {
    ...broker,
    ledger: passingLedger,
    sessions: passingSessions,
    operations: through(broker.operations, ['pauses']),
    quotas: through(broker.quotas, ['reserve', 'hold', 'release']),
    members: through(broker.members, ['announce', 'leave', 'alive']),
    connections: through(broker.connections, ['acquire', 'renew', 'release']),
    rates: through(broker.rates, ['take']),
    timelines: through(broker.timelines, ['append', 'read', 'durations', 'note', 'run', 'runs']),
    wakeUps: through(broker.wakeUps, ['reconcile', 'start', 'withdraw', 'positions']),
    router: {
      publish: through(broker.router, ['publish']).publish,
      publishGap: through(broker.router, ['publishGap']).publishGap,
      subscribe: async (edge, listener) => {
        await process.pass();
        return broker.router.subscribe(edge, {
          onEntry: (entry) => process.hear(() => listener.onEntry(entry)),
          onGap: (reason) => process.hear(() => listener.onGap(reason)),
        });
      },
    },
    journal: {
      consume: async (consumer, onEntries, onTrimmed) => {
        await process.pass();
        return broker.journal.consume(
          consumer,
          async (entries) => {
            await process.pass();
            await onEntries(entries);
            await process.pass();
          },
          onTrimmed &&
            (async (trimmed) => {
              await process.pass();
              await onTrimmed(trimmed);
            }),
        );
      },
    },
  };
}
