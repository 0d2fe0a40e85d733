import type { ReconcileJob, StartJob } from '@reveille/contracts';
import type { WakeUpConsumption, WakeUpHandlers } from '@reveille/orchestration';
import type { MemoryClock } from './memory-clock.ts';
import type { MemoryProcess } from './memory-process.ts';
import { MemoryQueue, type MemoryWorker } from './memory-queue.ts';
import type { MemoryTransport } from './transport.ts';

const collapseMs = 1000;

/** Both queues, with the rules by which jobs collapse. */
export class MemoryQueues {
  readonly #clock: MemoryClock;
  readonly #transport: MemoryTransport;
  readonly #reconcile: MemoryQueue<ReconcileJob>;
  readonly #start: MemoryQueue<StartJob>;
  /** Until when a waiting reconcile stands for others of its instance and reason. */
  #marks = new Map<string, number>();
  #starts = new Set<string>();

  constructor(clock: MemoryClock, transport: MemoryTransport) {
    this.#clock = clock;
    this.#transport = transport;
    this.#reconcile = new MemoryQueue(clock, { onTaken: (job) => this.#marks.delete(markOf(job)) });
    this.#start = new MemoryQueue(clock, { onDone: (job) => this.#starts.delete(startId(job)) });
  }

  addReconcile(job: ReconcileJob): void {
    this.#transport({ kind: 'reconcile', job }, () => {
      if ((this.#marks.get(markOf(job)) ?? 0) > this.#clock.now()) return;
      this.#marks.set(markOf(job), this.#clock.now() + collapseMs);
      this.#reconcile.add(job);
    });
  }

  addStart(job: StartJob): void {
    this.#transport({ kind: 'start', job }, () => {
      if (this.#starts.has(startId(job))) return;
      this.#starts.add(startId(job));
      this.#start.add(job);
    });
  }

  consume(process: MemoryProcess, handlers: WakeUpHandlers, consumption: WakeUpConsumption): MemoryWorker[] {
    const { reconcileConcurrency, startConcurrency } = consumption;
    return [
      this.#reconcile.work(process, reconcileConcurrency, (job, signal) => handlers.reconcile(job, signal)),
      this.#start.work(process, startConcurrency, (job, signal) => handlers.start(job, signal)),
    ];
  }

  copy(): () => void {
    const [marks, starts] = [new Map(this.#marks), new Set(this.#starts)];
    const jobs = [this.#reconcile.copy(), this.#start.copy()];
    return () => {
      this.#marks = new Map(marks);
      this.#starts = new Set(starts);
      for (const restore of jobs) restore();
    };
  }

  clear(): void {
    this.#marks.clear();
    this.#starts.clear();
    this.#reconcile.clear();
    this.#start.clear();
  }
}

function markOf(job: ReconcileJob): string {
  return `${job.instance}.${job.reason}`;
}

function startId(job: StartJob): string {
  return `${job.instance}.${job.generation}.${job.attempt}`;
}
