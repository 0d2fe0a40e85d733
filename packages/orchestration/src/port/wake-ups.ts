import type { InstanceKey, ReconcileJob, StartJob } from '@reveille/contracts';

/**
 * Wake-up jobs. A lost or doubled one is harmless: the sweep repairs, tokens and epochs refuse. Starts stand in one line for all
 * initializers and are let in by their turns (`admit` of this package), whichever job wakes whom.
 */
export interface WakeUps {
  reconcile(jobs: readonly ReconcileJob[]): Promise<void>;
  start(job: StartJob): Promise<void>;
  /** The start of this generation is needed no more: it gives up its place in line. */
  withdraw(instance: InstanceKey, generation: number): Promise<void>;
  /** The number in line, from 1, of those that stand in it: one round trip. */
  positions(instances: readonly InstanceKey[]): Promise<ReadonlyMap<InstanceKey, number>>;
}

/** How many starts may be under way at once over all initializers; absent: as many as these take. */
export type AdmissionLimits = { pool?: number | undefined; perTenant?: number | undefined };

/** What an initializer does with them. The signal aborts when the job's lock is lost or the consumer closes. */
export interface WakeUpHandlers {
  reconcile(job: ReconcileJob, signal: AbortSignal): Promise<void>;
  start(job: StartJob, signal: AbortSignal): Promise<void>;
  /** Waits for room for one more start. Only then it is asked whose turn it is, and what was let in never waits here. Default: there is. */
  place?(signal: AbortSignal): Promise<Disposable>;
}

export interface WakeUpConsumption {
  /** Reconciles at once per process. */
  reconcileConcurrency: number;
  /** Starts at once per process. */
  startConcurrency: number;
  /** The same for all initializers of a namespace. */
  limits?: AdmissionLimits;
  /**
   * Told when jobs wait and this process has room but its consumer takes none, in words, and again without words when one was
   * taken. The consumer is replaced meanwhile. Never because the queue itself is away.
   */
  onStuck?: ((words: string | undefined) => void) | undefined;
  /** Told when replacing the consumer did not help: this process should leave. */
  onBroken?: ((error: Error) => void) | undefined;
}

export interface WakeUpSource {
  /** Ends (dispose) within a deadline even when Redis is away. */
  consume(handlers: WakeUpHandlers, consumption: WakeUpConsumption): Promise<AsyncDisposable>;
}
