import { Canary, canaryTimes, type CanaryTimes } from './canary.ts';
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
      onStuck: (ms) => this.#replace(ms),
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
    return new QueueConsumer({ ...this.#of, onTaken: () => this.#taken() });
  }

  #taken(): void {
    if (this.#inVain === 0) return;
    this.#inVain = 0;
    this.#of.logger.info({ queue: this.#of.queue }, 'jobs are taken again');
    this.#of.onStuck?.(undefined);
  }

  #replace(stuckForMs: number): void {
    if (this.#isEnding) return;
    const { queue, logger, onStuck, onBroken } = this.#of;
    const words = `jobs of ${queue} wait and this process has room, but it took none for ${Math.round(stuckForMs / 1000)} s`;
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
