import type { ReconcileJob, StartJob } from '@reveille/contracts';

/** Wake-up jobs. A lost or doubled one is harmless: the sweep repairs, tokens and epochs refuse. */
export interface WakeUps {
  reconcile(jobs: readonly ReconcileJob[]): Promise<void>;
  start(job: StartJob, options?: { delayMs?: number }): Promise<void>;
}

/** What an initializer does with them. The signal aborts when the job's lock is lost or the consumer closes. */
export interface WakeUpHandlers {
  reconcile(job: ReconcileJob, signal: AbortSignal): Promise<void>;
  start(job: StartJob, signal: AbortSignal): Promise<void>;
}

export interface WakeUpConsumption {
  /** Reconciles at once per process. */
  reconcileConcurrency: number;
  /** Starts at once per process. */
  startConcurrency: number;
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
