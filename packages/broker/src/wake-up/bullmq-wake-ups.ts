import type { InstanceKey, ReconcileJob, StartJob } from '@reveille/contracts';
import type {
  AdmissionLimits,
  WakeUpConsumption,
  WakeUpHandlers,
  WakeUps,
  WakeUpSource,
} from '@reveille/orchestration';
import { Queue } from 'bullmq';
import type { Keys } from '../key/keys.ts';
import type { BrokerLogger } from '../logger.ts';
import { Complaints } from '../redis/complaints.ts';
import type { Link } from '../redis/link.ts';
import { RedisTurns } from '../turn/redis-turns.ts';
import { canaryJob } from './canary.ts';
import { consumeWakeUps } from './consume.ts';
import { canaryOptions, reconcileOptions, reconcileQueue, startOptions, startQueue } from './queues.ts';

/** Nobody reads BullMQ's events here; the ledger tells what became of things. */
const eventsLength = 100;

/** Wake-ups as BullMQ jobs. Adding fails at once while Redis is away. */
export class BullmqWakeUps implements WakeUps, WakeUpSource {
  readonly #link: Link;
  readonly #keys: Keys;
  readonly #logger: BrokerLogger;
  readonly #reconcile: Queue<ReconcileJob>;
  readonly #start: Queue<StartJob>;
  readonly #turns: RedisTurns;
  /** Known once this process takes starts itself; without them an entry is looked at again when it is let in. */
  #limits: AdmissionLimits = {};

  constructor(link: Link, keys: Keys, logger: BrokerLogger) {
    this.#link = link;
    this.#keys = keys;
    this.#logger = logger;
    this.#reconcile = this.#queue(reconcileQueue);
    this.#start = this.#queue(startQueue);
    this.#turns = new RedisTurns(link, keys);
  }

  /** BullMQ prepares a queue once, so this must have succeeded before the first job. */
  async ready(): Promise<void> {
    await this.#link.run(() => Promise.all([this.#reconcile.waitUntilReady(), this.#start.waitUntilReady()]));
  }

  async reconcile(jobs: readonly ReconcileJob[]): Promise<void> {
    const [first] = jobs;
    if (first === undefined) return;
    await this.#link.run(async () => {
      if (jobs.length === 1) await this.#reconcile.add(reconcileQueue, first, reconcileOptions(first));
      else
        await this.#reconcile.addBulk(
          jobs.map((data) => ({ name: reconcileQueue, data, opts: reconcileOptions(data) })),
        );
    });
  }

  /** Both at once: whoever takes the job before the start stands in line puts it there. */
  async start(job: StartJob): Promise<void> {
    await Promise.all([
      this.#turns.enter(job, this.#limits),
      this.#link.run(() => this.#start.add(startQueue, job, startOptions(job))),
    ]);
  }

  withdraw(instance: InstanceKey, generation: number): Promise<void> {
    return this.#turns.withdraw(instance, generation, this.#limits);
  }

  positions(instances: readonly InstanceKey[]): Promise<ReadonlyMap<InstanceKey, number>> {
    return this.#turns.positions(instances);
  }

  consume(handlers: WakeUpHandlers, consumption: WakeUpConsumption): Promise<AsyncDisposable> {
    this.#limits = consumption.limits ?? {};
    return consumeWakeUps({
      ...{ link: this.#link, prefix: this.#keys.root, logger: this.#logger },
      ...{ handlers, consumption, turns: this.#turns },
      addCanary: async (queue) => {
        const canaries: Queue = queue === reconcileQueue ? this.#reconcile : this.#start;
        await this.#link.run(() => canaries.add(canaryJob, {}, canaryOptions));
      },
    });
  }

  #queue<T>(name: string): Queue<T> {
    const queue = new Queue<T>(name, {
      connection: this.#link.commands,
      prefix: this.#keys.root,
      skipVersionCheck: true,
      streams: { events: { maxLen: eventsLength } },
    });
    const complaints = new Complaints(this.#logger, `the queue ${name} has a fault`);
    queue.on('error', (error) => complaints.say(error));
    return queue;
  }
}
