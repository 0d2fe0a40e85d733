import { childAbort, DeadlineExceeded, withDeadline } from '@reveille/lifecycle';
import type { Job } from 'bullmq';
import type { z } from 'zod';
import type { BrokerLogger } from '../logger.ts';
import { Complaints } from '../redis/complaints.ts';
import type { Link } from '../redis/link.ts';
import type { RedisClient } from '../redis/open.ts';
import { canaryJob } from './canary.ts';
import { FetchingWorker } from './fetching-worker.ts';

/** A job whose worker does not say so for this long is given to another one (ms): with the check, within 20 s. */
const lockMs = 15_000;
const stalledCheckMs = 5000;
/** A job that stalls more often is dropped: it may be what kills its workers. The ledger's own limits go on from there. */
const stalledLimit = 1;
/** Pause of the worker after a connection error (ms). */
const retryMs = 1000;
/** How long an end waits for handlers and BullMQ (ms). */
const endDeadlineMs = 3000;

export type QueueConsumerOptions<T> = {
  link: Link;
  prefix: string;
  logger: BrokerLogger;
  queue: string;
  schema: z.ZodType<T>;
  concurrency: number;
  /** Awaited after the job was taken and before it is handled. */
  before?: (job: Job<unknown>) => Promise<unknown>;
  handle(data: T, signal: AbortSignal): Promise<void>;
  /** A job was taken, whatever it is. */
  onTaken?: () => void;
};

/** One queue's worker. A job is done when its handler settles, however: nothing is repeated by BullMQ. */
export class QueueConsumer<T> implements AsyncDisposable {
  readonly #of: QueueConsumerOptions<T>;
  readonly #client: RedisClient;
  readonly #worker: FetchingWorker;
  readonly #ending = new AbortController();
  readonly #inHand = new Set<Promise<void>>();
  #taken = 0;

  constructor(of: QueueConsumerOptions<T>) {
    this.#of = of;
    this.#client = of.link.open('engine');
    // BullMQ hands a signal only to processors that declare three parameters.
    this.#worker = new FetchingWorker(of.queue, (job, _token, signal) => this.#hold(this.#process(job, signal)), {
      connection: this.#client,
      prefix: of.prefix,
      concurrency: of.concurrency,
      skipVersionCheck: true,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      maxStalledCount: stalledLimit,
      runRetryDelay: retryMs,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    });
    this.#listen();
  }

  async ready(): Promise<void> {
    await this.#worker.waitUntilReady();
  }

  /** Jobs taken so far. */
  get taken(): number {
    return this.#taken;
  }

  /** Fetches that came back so far, whatever they brought. */
  get fetches(): number {
    return this.#worker.fetches;
  }

  get hasRoom(): boolean {
    return this.#inHand.size < this.#of.concurrency;
  }

  /** Whether its connections stand. While one is being opened nothing can be taken, and who waits for that is not stuck. */
  get isConnected(): boolean {
    return this.#of.link.connections.areUp(this.#client);
  }

  /** Takes no more, and ends when what it has in hand is done or it is disposed of; no handler is told. */
  async retire(): Promise<void> {
    const ended = Promise.withResolvers<void>();
    this.#ending.signal.addEventListener('abort', () => ended.resolve(), { once: true });
    this.#worker.close().catch((error: unknown) => this.#of.logger.debug({ err: error }, 'a stuck worker ended'));
    await Promise.race([Promise.all(this.#inHand), ended.promise]);
    this.#of.link.connections.end(this.#client);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#worker.close();
    this.#ending.abort(new Error('the consumer of wake-ups ends'));
    try {
      await withDeadline(this.#letGo(closed), endDeadlineMs, { reason: `the end of the worker of ${this.#of.queue}` });
    } catch (error) {
      if (!(error instanceof DeadlineExceeded)) throw error;
      const text = 'the worker did not end in time; its connections are cut, its jobs go to others';
      this.#of.logger.warn({ queue: this.#of.queue }, text);
    } finally {
      this.#of.link.connections.end(this.#client);
    }
  }

  /** BullMQ's own end waits for Redis for ever, so that it is only waited for while Redis is there. */
  async #letGo(closed: Promise<void>): Promise<void> {
    await Promise.all(this.#inHand);
    if (this.#of.link.parts.of().unavailable() === undefined) await closed;
    else closed.catch((error: unknown) => this.#of.logger.debug({ err: error }, 'the worker ended without Redis'));
  }

  async #hold(handling: Promise<void>): Promise<void> {
    this.#inHand.add(handling);
    try {
      await handling;
    } finally {
      this.#inHand.delete(handling);
    }
  }

  async #process(job: Job<unknown>, lock: AbortSignal | undefined): Promise<void> {
    const { logger, queue, schema } = this.#of;
    this.#taken += 1;
    this.#of.onTaken?.();
    if (job.name === canaryJob) return;
    const parsed = schema.safeParse(job.data);
    await this.#of.before?.(job);
    if (!parsed.success) {
      logger.error({ queue, job: job.id, issues: parsed.error.issues }, 'a job of another version or form was dropped');
      return;
    }
    using either = childAbort(lock, this.#ending.signal);
    const { signal } = either;
    try {
      await this.#of.handle(parsed.data, signal);
    } catch (error) {
      if (signal.aborted) logger.debug({ err: error, queue, job: job.id }, 'a handler let go');
      else logger.error({ err: error, queue, job: job.id }, 'a handler failed; the sweep repairs');
    }
  }

  #listen(): void {
    const { logger, queue } = this.#of;
    const complaints = new Complaints(logger, `jobs of ${queue} cannot be taken`);
    this.#worker.on('error', (error) => complaints.say(error));
    this.#worker.on('active', () => complaints.over());
    this.#worker.on('stalled', (job) => logger.warn({ queue, job }, 'a job was taken from a worker that fell silent'));
    // BullMQ tells that a lock is lost but aborts nothing by itself.
    this.#worker.on('lockRenewalFailed', (jobs) => {
      for (const job of jobs) this.#worker.cancelJob(job, 'the lock of the job was lost');
    });
  }
}
