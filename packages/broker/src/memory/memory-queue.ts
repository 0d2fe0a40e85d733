import type { MemoryClock } from './memory-clock.ts';
import type { MemoryProcess } from './memory-process.ts';

/** When the job of a dead worker is given to another (ms): lock and checks of BullMQ. */
const stalledAfterMs = 20_000;
const stalledLimit = 1;

type Job<T> = { data: T; stalled: number };

/** One process's worker of one queue. */
export interface MemoryWorker {
  /** Takes no more, lets its handlers know, and resolves when they have let go. */
  end(): Promise<void>;
  /** The process died: its handlers are heard no more, its jobs go to others after a while. */
  crash(): void;
}

/** One queue, first in first out, each job to one worker that has room. */
export class MemoryQueue<T> {
  readonly #clock: MemoryClock;
  readonly #hooks: { onTaken?: (data: T) => void; onDone?: (data: T) => void };
  readonly #workers: Worker<T>[] = [];
  #waiting: Job<T>[] = [];

  constructor(clock: MemoryClock, hooks: { onTaken?: (data: T) => void; onDone?: (data: T) => void }) {
    this.#clock = clock;
    this.#hooks = hooks;
  }

  add(data: T): void {
    this.#waiting.push({ data, stalled: 0 });
    this.#pump();
  }

  clear(): void {
    this.#waiting = [];
  }

  /**
   * What a replica has now; called, jobs that have been added since are lost, and those that have been taken or done since come again. Whoever
   * had one then renews no lock of it there: it stalls.
   */
  copy(): () => void {
    const [waiting, active] = [[...this.#waiting], this.#workers.flatMap((worker) => worker.jobs)];
    return () => {
      this.#waiting = [...waiting];
      for (const job of active) this.#clock.after(stalledAfterMs, () => this.#again(job));
      this.#pump();
    };
  }

  work(
    process: MemoryProcess,
    concurrency: number,
    handle: (data: T, signal: AbortSignal) => Promise<void>,
  ): MemoryWorker {
    const worker = new Worker(process, concurrency, handle);
    this.#workers.push(worker);
    const stopListening = process.onReturn(() => this.#pump());
    const leave = (): void => {
      stopListening();
      // One that dies while it ends has left already.
      const at = this.#workers.indexOf(worker);
      if (at !== -1) this.#workers.splice(at, 1);
    };
    queueMicrotask(() => this.#pump());
    return {
      end: async () => {
        leave();
        await worker.end();
      },
      crash: () => {
        leave();
        for (const job of worker.crash()) this.#clock.after(stalledAfterMs, () => this.#again(job));
      },
    };
  }

  #pump(): void {
    while (this.#waiting.length > 0) {
      const free = this.#workers.findIndex((worker) => worker.hasRoom);
      const [worker] = free === -1 ? [] : this.#workers.splice(free, 1);
      if (worker === undefined) return;
      this.#workers.push(worker);
      const job = this.#waiting.shift() as Job<T>;
      this.#hooks.onTaken?.(job.data);
      worker.take(job, () => {
        this.#hooks.onDone?.(job.data);
        this.#pump();
      });
    }
  }

  #again(job: Job<T>): void {
    if (job.stalled >= stalledLimit) {
      this.#hooks.onDone?.(job.data);
      return;
    }
    this.#waiting.push({ data: job.data, stalled: job.stalled + 1 });
    this.#pump();
  }
}

class Worker<T> {
  readonly #process: MemoryProcess;
  readonly #concurrency: number;
  readonly #handle: (data: T, signal: AbortSignal) => Promise<void>;
  readonly #ending = new AbortController();
  readonly #active = new Map<Job<T>, Promise<void>>();

  constructor(process: MemoryProcess, concurrency: number, handle: (data: T, signal: AbortSignal) => Promise<void>) {
    this.#process = process;
    this.#concurrency = concurrency;
    this.#handle = handle;
  }

  get jobs(): Job<T>[] {
    return [...this.#active.keys()];
  }

  get hasRoom(): boolean {
    return this.#active.size < this.#concurrency && this.#process.reaches;
  }

  take(job: Job<T>, done: () => void): void {
    const run = Promise.resolve()
      .then(() => this.#handle(job.data, this.#ending.signal))
      .catch(() => undefined)
      .then(() => {
        // After a crash nobody hears that it is done.
        if (this.#active.delete(job)) done();
      });
    this.#active.set(job, run);
  }

  async end(): Promise<void> {
    this.#ending.abort(new Error('the consumer of wake-ups ends'));
    await Promise.all(this.#active.values());
  }

  crash(): Job<T>[] {
    const jobs = [...this.#active.keys()];
    this.#active.clear();
    return jobs;
  }
}
