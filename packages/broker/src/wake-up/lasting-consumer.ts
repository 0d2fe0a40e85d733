import { Canary, canaryTimes, type CanaryTimes, type Stuck } from './canary.ts';
import { QueueConsumer, type QueueConsumerOptions } from './queue-consumer.ts';

/** Consumers that are replaced in succession, each without having taken a job, before the process is told to leave. */
const replacementsInVain = 3;

export type LastingConsumerOptions<T> = QueueConsumerOptions<T> & {
  /** How many jobs wait that may be taken. */
  waiting(): Promise<number>;
  addCanary(): Promise<void>;
  onStuck: ((words: string | undefined) => void) | undefined;
  onBroken: ((error: Error) => void) | undefined;
  times?: CanaryTimes;
};

/** A consumer that is replaced when it is stuck. What its predecessor has in hand goes on. */
export class LastingConsumer<T> implements AsyncDisposable {
  readonly #of: LastingConsumerOptions<T>;
  readonly #canary: Canary;
  readonly #retired = new Set<QueueConsumer<T>>();
  #consumer: QueueConsumer<T>;
  #inVain = 0;
  #stuckBy: Stuck['by'] | undefined;
  #isEnding = false;

  constructor(of: LastingConsumerOptions<T>) {
    this.#of = of;
    this.#consumer = this.#open();
    this.#canary = new Canary({
      times: of.times ?? canaryTimes,
      logger: of.logger,
      consumer: () => this.#consumer,
      waiting: of.waiting,
      add: of.addCanary,
      onStuck: (stuck) => this.#replace(stuck),
      onFetched: () => {
        // Where jobs wait, it has to take one.
        if (this.#stuckBy === 'silence') this.#works();
      },
    });
  }

  ready(): Promise<void> {
    return this.#consumer.ready();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    const parts = [this.#canary, this.#consumer, ...this.#retired];
    await Promise.all(parts.map((part) => part[Symbol.asyncDispose]()));
  }

  #open(): QueueConsumer<T> {
    return new QueueConsumer({ ...this.#of, onTaken: () => this.#works() });
  }

  #works(): void {
    if (this.#stuckBy === undefined) return;
    [this.#inVain, this.#stuckBy] = [0, undefined];
    this.#of.logger.info({ queue: this.#of.queue }, 'jobs are taken again');
    this.#of.onStuck?.(undefined);
  }

  #replace({ by, forMs: stuckForMs }: Stuck): void {
    if (this.#isEnding) return;
    const { queue, logger, onStuck, onBroken } = this.#of;
    const words = wordsOf[by](queue, Math.round(stuckForMs / 1000));
    this.#stuckBy = by;
    onStuck?.(words);
    if (this.#inVain >= replacementsInVain)
      return onBroken?.(new Error(`${words}; replacing its consumer did not help`));
    this.#inVain += 1;
    logger.error({ queue, stuckForMs, replacement: this.#inVain }, `${words}: its consumer is replaced`);
    const stuck = this.#consumer;
    this.#consumer = this.#open();
    this.#retired.add(stuck);
    void stuck.retire().finally(() => this.#retired.delete(stuck));
  }
}

const wordsOf = {
  waiting: (queue: string, s: number) => `jobs of ${queue} wait and this process has room, but it took none for ${s} s`,
  silence: (queue: string, s: number) =>
    `this process has room for jobs of ${queue}, but no fetch came back for ${s} s`,
} as const satisfies Record<Stuck['by'], unknown>;
