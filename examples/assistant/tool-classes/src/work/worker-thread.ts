import { Worker } from 'node:worker_threads';
import { refuse } from '../table/refusal.ts';
import type { Job, Order, Result, Said, Tell } from './job.ts';

/** What one worker may keep in memory; a table that needs more is refused instead of taking the service with it. */
const MOST_MEMORY_MB = 768;

interface Work {
  job: Job;
  tell: Tell;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/** One worker thread and the job it is at. */
export class WorkerThread {
  readonly #thread: Worker;
  readonly #onEnd: (worker: WorkerThread) => void;
  #work: Work | undefined;
  #holds: readonly string[] = [];
  #ended = false;

  /** @param onEnd called once, when the thread is over, whoever ended it */
  constructor(onEnd: (worker: WorkerThread) => void) {
    this.#onEnd = onEnd;
    // Beside this file, which is JavaScript once it is built.
    const program = import.meta.filename.endsWith('.ts') ? 'worker.ts' : 'worker.js';
    this.#thread = new Worker(new URL(program, import.meta.url), {
      name: 'analysis',
      execArgv: conditionsIn(process.execArgv),
      resourceLimits: { maxOldGenerationSizeMb: MOST_MEMORY_MB },
    });
    this.#thread.on('message', (said: Said) => this.#hear(said));
    this.#thread.on('error', (error: unknown) => this.#fail(error));
    this.#thread.on('exit', (code) => this.#fail(new Error(`the worker thread ended by itself with code ${code}`)));
    // It waits for work all its life; the listening socket is what keeps the process.
    this.#thread.unref();
  }

  get idle(): boolean {
    return this.#work === undefined;
  }

  holds(key: string): boolean {
    return this.#holds.includes(key);
  }

  /** Resolves with what the tool says; rejects when it throws, or when the thread ends meanwhile. */
  run(job: Job, tell: Tell): Promise<Result> {
    if (!this.idle) throw new Error('a worker does one job at a time');
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#work = { job, tell, resolve, reject };
    const { tool, args, table, baseline } = job;
    this.#order({ type: 'compute', tool, args, table: table.key, ...(baseline && { baseline: baseline.key }) });
    return promise;
  }

  forget(prefix: string): void {
    this.#order({ type: 'forget', prefix });
  }

  /** Ends the thread, in the middle of a loop too; its job is rejected with the reason. */
  async end(reason: unknown): Promise<void> {
    this.#fail(reason);
    await this.#thread.terminate();
  }

  #order(order: Order): void {
    this.#thread.postMessage(order);
  }

  #hear(said: Said): void {
    const work = this.#work;
    // The last words of a thread that was ended are for nobody.
    if (work === undefined) return;
    switch (said.type) {
      case 'progress':
        return work.tell(said.progress);
      case 'send': {
        const table = [work.job.table, work.job.baseline].find((one) => one?.key === said.key);
        if (table === undefined) throw new Error('the worker asks for a table that its job does not have');
        return this.#order({ type: 'table', table });
      }
      case 'done':
      case 'failed':
        this.#holds = said.holds;
        this.#work = undefined;
        return said.type === 'done' ? work.resolve(said.result) : work.reject(said.error);
    }
  }

  #fail(reason: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    const work = this.#work;
    this.#work = undefined;
    if (isOutOfMemory(reason)) work?.resolve(tooMuchMemory());
    else work?.reject(reason);
    this.#onEnd(this);
  }
}

/**
 * How modules are found, as in this process, and nothing else of its options: what is loaded before a program (`--import`) is meant once for the
 * process and not again for each thread.
 */
function conditionsIn(options: readonly string[]): string[] {
  return options.flatMap((option, place) => {
    if (/^(--conditions|-C)=/.test(option)) return [option];
    const value = options[place + 1];
    return /^(--conditions|-C)$/.test(option) && value !== undefined ? [`--conditions=${value}`] : [];
  });
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function tooMuchMemory(): Result {
  return refuse(
    'too_large',
    `Working on this table takes more than ${MOST_MEMORY_MB} MB of memory. Send a shorter time span or fewer columns.`,
    `a table that can be read in ${MOST_MEMORY_MB} MB`,
    'one that needs more',
  );
}
