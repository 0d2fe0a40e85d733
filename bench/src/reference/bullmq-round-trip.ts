import { Queue, QueueEvents, Worker } from 'bullmq';

/** `add` → `completed` event of a job that does nothing: raw BullMQ, as its own documentation uses it. */
export class BullmqRoundTrip implements AsyncDisposable {
  readonly #queue: Queue;
  readonly #worker: Worker;
  readonly #events: QueueEvents;
  /** Jobs under way: one at a time. */
  readonly #waiting = new Map<string, () => void>();

  private constructor(port: number) {
    const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
    this.#queue = new Queue('reference', { connection });
    this.#worker = new Worker('reference', async () => undefined, { connection });
    this.#events = new QueueEvents('reference', { connection });
    // A fault of the reference ends the run: a figure beside a broken reference would be none.
    const fail = (error: Error): never => {
      throw error;
    };
    this.#queue.on('error', fail);
    this.#worker.on('error', fail);
    this.#events.on('error', fail);
    this.#events.on('completed', ({ jobId }) => this.#waiting.get(jobId)?.());
  }

  static async open(port: number): Promise<BullmqRoundTrip> {
    const round = new BullmqRoundTrip(port);
    await Promise.all([round.#queue.waitUntilReady(), round.#worker.waitUntilReady(), round.#events.waitUntilReady()]);
    return round;
  }

  /** Milliseconds. */
  async measure(): Promise<number> {
    const began = performance.now();
    const jobId = `job-${began}`;
    const completed = Promise.withResolvers<void>();
    this.#waiting.set(jobId, completed.resolve);
    await this.#queue.add('nothing', {}, { jobId, removeOnComplete: true });
    await completed.promise;
    this.#waiting.delete(jobId);
    return performance.now() - began;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#worker.close(), this.#events.close()]);
    await this.#queue.close();
  }
}
