import { type Job, Worker } from 'bullmq';

/**
 * A worker that counts its fetches that came back, with a job, with none, or with an error. While it has room it blocks for 5 s at most, or 10 s
 * if jobs are delayed, and then fetches: so a count that stands still for several times that is a loop that stands still.
 */
export class FetchingWorker extends Worker<unknown> {
  // In place before the first fetch: BullMQ's constructor begins its loop, but no fetch in the same turn.
  #fetches = 0;

  get fetches(): number {
    return this.#fetches;
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job<unknown>> {
    try {
      return await super.moveToActive(token, name);
    } finally {
      this.#fetches += 1;
    }
  }
}
