import { availableParallelism } from 'node:os';
import { refuse } from '../table/refusal.ts';
import type { Job, Result, Tell } from './job.ts';
import { WorkerThread } from './worker-thread.ts';

/** Workers at a time: one for each processor, at most so many. */
const MOST_WORKERS = Math.min(4, availableParallelism());
/** Jobs that wait for a worker; one more is refused. */
const MOST_WAITING = 256;
/** A worker without a job for so long is ended, and its memory with it. */
const IDLE_MS = 60_000;

interface Waiting {
  begin(worker: WorkerThread): void;
  giveUp(reason: unknown): void;
}

/** The worker threads of this process: a bounded number, begun when there is work, and the jobs that wait for one in their order. */
export class WorkerPool implements AsyncDisposable {
  readonly #mostWorkers: number;
  readonly #mostWaiting: number;
  readonly #atWork = new Set<WorkerThread>();
  /** Those without a job, each with the timer that ends it. */
  readonly #idle = new Map<WorkerThread, NodeJS.Timeout>();
  readonly #waiting = new Set<Waiting>();
  #closed = false;

  constructor(bounds: { mostWorkers?: number; mostWaiting?: number } = {}) {
    this.#mostWorkers = bounds.mostWorkers ?? MOST_WORKERS;
    this.#mostWaiting = bounds.mostWaiting ?? MOST_WAITING;
  }

  /** Threads that live, and jobs that wait. */
  get size(): { atWork: number; idle: number; waiting: number } {
    return { atWork: this.#atWork.size, idle: this.#idle.size, waiting: this.#waiting.size };
  }

  /**
   * Computes in a worker. When `signal` aborts, a job that waits leaves the queue and one at work is ended together with its thread.
   * Rejects with the reason of `signal`, with what the tool threw, or when the thread is lost.
   */
  async run(job: Job, signal: AbortSignal, tell: Tell): Promise<Result> {
    signal.throwIfAborted();
    if (this.#closed) throw stopping();
    const free = this.#takeIdle(job) ?? this.#begin();
    if (free === undefined && this.#waiting.size >= this.#mostWaiting) return tooBusy(this.#mostWaiting);
    const worker = free ?? (await this.#turn(signal, tell));
    const onAbort = (): void => void worker.end(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      return await worker.run(job, tell);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#passOn(worker);
    }
  }

  /** Drops the tables whose keys begin so, wherever they are. */
  forget(prefix: string): void {
    for (const worker of [...this.#atWork, ...this.#idle.keys()]) worker.forget(prefix);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting) waiting.giveUp(stopping());
    await Promise.all([...this.#atWork, ...this.#idle.keys()].map((worker) => worker.end(stopping())));
  }

  /** An idle worker, best one that has read the table. */
  #takeIdle(job: Job): WorkerThread | undefined {
    const idle = [...this.#idle.keys()];
    const worker = idle.find((one) => one.holds(job.table.key)) ?? idle[0];
    if (worker === undefined) return undefined;
    clearTimeout(this.#idle.get(worker));
    this.#idle.delete(worker);
    this.#atWork.add(worker);
    return worker;
  }

  /** A new worker, when there may be one more. */
  #begin(): WorkerThread | undefined {
    if (this.#atWork.size + this.#idle.size >= this.#mostWorkers) return undefined;
    const worker = new WorkerThread((ended) => {
      clearTimeout(this.#idle.get(ended));
      this.#idle.delete(ended);
      this.#atWork.delete(ended);
    });
    this.#atWork.add(worker);
    return worker;
  }

  /** Waits for a worker that becomes free. */
  #turn(signal: AbortSignal, tell: Tell): Promise<WorkerThread> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(waiting);
      };
      const waiting: Waiting = {
        begin: (worker) => (leave(), resolve(worker)),
        giveUp: (reason) => (leave(), reject(reason as Error)),
      };
      const onAbort = (): void => waiting.giveUp(signal.reason);
      tell({ percent: 0, detail: `waiting for a free worker, behind ${this.#waiting.size} others` });
      this.#waiting.add(waiting);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** A worker has done its job, or is over: the one that has waited longest is next. */
  #passOn(worker: WorkerThread): void {
    const [next] = this.#waiting;
    const lives = this.#atWork.has(worker);
    if (next !== undefined) {
      const free = lives ? worker : this.#begin();
      if (free !== undefined) next.begin(free);
    } else if (lives) {
      this.#atWork.delete(worker);
      this.#idle.set(worker, setTimeout(() => void worker.end(new Error('it was idle')), IDLE_MS).unref());
    }
  }
}

function stopping(): Error {
  return new Error('the analysis tools are being stopped');
}

function tooBusy(most: number): Result {
  return refuse('too_busy', `${most} analyses are waiting, and no more are taken.`, `at most ${most} waiting`, 'more');
}
