import type { StartJob } from '@reveille/contracts';
import { raceAbort } from '@reveille/lifecycle';
import type { Logger } from '@reveille/telemetry';
import type { Looked } from '../reconcile/looks.ts';
import type { Starter } from './starter.ts';

type Starts = Pick<Starter, 'run' | 'ending'>;

/**
 * Which starts are under way here at once: those of the queue, and those that this initializer has found by itself and has room
 * for. These are claimed at once, without a job that somebody would have to write, take and look up again while users wait. While
 * there is room nothing waits in the queue for it either, so nobody is overtaken. Should this process die before the claim, the
 * sweep finds what was queued, as it does when a job gets lost.
 */
export class Admission {
  readonly #starter: Starts;
  readonly #logger: Logger;
  readonly #waiting: (() => void)[] = [];
  readonly #limited: boolean;
  #free: number;

  /** @param places starts under way at once @param limited over all initializers too: then only the line knows whether there is room */
  constructor(of: { starter: Starts; places: number; limited?: boolean; logger: Logger }) {
    const { starter, places, limited = false, logger } = of;
    this.#limited = limited;
    this.#starter = starter;
    this.#free = places;
    this.#logger = logger;
  }

  /** A place for whoever has its turn. The queue wakes as many as there are, so that one may have to wait for those taken otherwise. */
  async place(): Promise<Disposable> {
    if (this.#free === 0)
      await raceAbort(new Promise<void>((resolve) => this.#waiting.push(resolve)), this.#starter.ending);
    else this.#free -= 1;
    return { [Symbol.dispose]: () => this.#leave() };
  }

  /** A start that was just looked at. False when there is no room: then it has to wait in the queue, for whoever has some. */
  now(job: StartJob, looked: Looked): boolean {
    if (this.#limited || this.#free === 0 || this.#starter.ending.aborted) return false;
    this.#free -= 1;
    this.#run(job, looked).catch((error: unknown) =>
      this.#logger.warn({ instance: job.instance, err: error }, 'a start was let go; the sweep looks again'),
    );
    return true;
  }

  async #run(job: StartJob, looked: Looked): Promise<void> {
    try {
      await this.#starter.run(job, looked);
    } finally {
      this.#leave();
    }
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
