import type { StartJob } from '@reveille/contracts';
import { interval } from '@reveille/lifecycle';
import { type AdmissionLimits, timing, type WakeUpHandlers } from '@reveille/orchestration';
import type { BrokerLogger } from '../logger.ts';
import type { Turns } from './turns.ts';

const { leaseTtlMs, leaseRenewMs } = timing;

/**
 * The places of one process. A job only wakes one: what is started there is whatever has its turn, and one after the other while
 * there is any, so that a lost job leaves nobody standing in line for longer than the next end of a start.
 */
export class ServedTurns implements AsyncDisposable {
  readonly #turns: Turns;
  readonly #owner: string;
  readonly #limits: AdmissionLimits;
  readonly #logger: BrokerLogger;
  readonly #underWay = new Set<StartJob>();
  readonly #renewal: AsyncDisposable;

  constructor(of: { turns: Turns; owner: string; limits: AdmissionLimits; logger: BrokerLogger }) {
    this.#turns = of.turns;
    this.#owner = of.owner;
    this.#limits = of.limits;
    this.#logger = of.logger;
    this.#renewal = interval(leaseRenewMs.value, () => this.#renew(), {
      onError: (error) => of.logger.warn({ err: error }, 'the slots of starts could not be renewed'),
    });
  }

  /** Resolves when nobody whose turn it is is left, or when the signal has aborted and the start that was made let go. */
  async serve(offer: StartJob, signal: AbortSignal, handlers: WakeUpHandlers): Promise<void> {
    using _ = await handlers.place?.(signal);
    const start = (job: StartJob): Promise<void> => handlers.start(job, signal);
    const of = { owner: this.#owner, ttlMs: leaseTtlMs.value, limits: this.#limits };
    let job = signal.aborted ? undefined : await this.#turns.next({ ...of, offer });
    while (job !== undefined) {
      await this.#make(job, signal, start);
      if (signal.aborted) return this.#turns.release(job, of);
      job = await this.#turns.next({ ...of, done: job });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#renewal[Symbol.asyncDispose]();
  }

  async #make(job: StartJob, signal: AbortSignal, start: (job: StartJob) => Promise<void>): Promise<void> {
    this.#underWay.add(job);
    try {
      await start(job);
    } catch (error) {
      const { instance } = job;
      if (signal.aborted) this.#logger.debug({ err: error, instance }, 'a start let go');
      else this.#logger.error({ err: error, instance }, 'a start failed; the sweep repairs');
    } finally {
      this.#underWay.delete(job);
    }
  }

  async #renew(): Promise<void> {
    if (this.#underWay.size > 0)
      await this.#turns.renew([...this.#underWay], { owner: this.#owner, ttlMs: leaseTtlMs.value });
  }
}
